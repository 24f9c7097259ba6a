#include "bench/api/reads.h"

#include <fmt/format.h>

#include <array>

#include "model/schema/time.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;

constexpr std::array<std::string_view, 7> kTypes = {
    "Vulnerability", "Exploit", "Misconfiguration", "Secret", "Malware", "Rootkit", "Package"};

// The rank that columns have, of findings.severity.
constexpr int kCritical = 7;

constexpr std::string_view kPage = "$count=true&$skip=0&$top=50";

double list_goal(sql::Dialect dialect) {
    return dialect == sql::Dialect::kSqlite ? 10 : 20;
}

std::string valid(std::string_view type) {
    return fmt::format("(findingInfo.objectType eq '{}') and invalidatedOn eq null", type);
}

sql::Statement count_valid(std::string_view type) {
    return {"SELECT sum(active) FROM finding_totals WHERE finding_type = $1", sql::bind(type)};
}

// Rows of findings with their assets. `where`: of f.
std::string findings_sql(std::string_view where, std::string_view order, int limit = 50) {
    return fmt::format(
        "SELECT f.document, a.document FROM findings AS f LEFT JOIN assets AS a ON a.id = "
        "f.asset_id WHERE {} ORDER BY {} LIMIT {}",
        where, order, limit);
}

constexpr std::string_view kNewest = "f.found_on DESC NULLS LAST, f.row_id DESC";
constexpr std::string_view kValidOfType = "f.object_type = $1 AND f.invalidated_on IS NULL";

Read findings_list(std::string name, double goal, std::string_view filter, std::string_view orderby,
                   sql::Statement rows, sql::Statement count) {
    return {.name = std::move(name),
            .target = fmt::format("/findings?{}&$orderby={}&$expand=asset&$filter={}", kPage,
                                  orderby, filter),
            .goal = goal,
            .rows = std::move(rows),
            .count = std::move(count)};
}

// Valid findings of a type that a condition of one column chooses.
Read chosen_findings(std::string name, double goal, std::string_view type, std::string_view filter,
                     std::string_view where, sql::Value value) {
    const std::string condition = fmt::format("{} AND {}", kValidOfType, where);
    const auto parameters = sql::bind(type, std::move(value));
    return findings_list(
        std::move(name), goal, fmt::format("{} and {}", valid(type), filter), "foundOn desc",
        {findings_sql(condition, kNewest), parameters},
        {fmt::format("SELECT count(*) FROM finding_rows AS f WHERE {}", condition), parameters});
}

std::string_view plural(std::string_view type) {
    constexpr std::array<std::string_view, 7> kPlurals = {
        "vulnerabilities", "exploits", "misconfigurations", "secrets",
        "malware",         "rootkits", "packages"};
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (kTypes[i] == type) return kPlurals[i];
    }
    return type;
}

}  // namespace

std::vector<Read> interface_lists(sql::Dialect dialect) {
    const double goal = list_goal(dialect);
    std::vector<Read> reads;
    for (const std::string_view type : kTypes) {
        reads.push_back(findings_list(std::string(plural(type)), goal, valid(type), "foundOn desc",
                                      {findings_sql(kValidOfType, kNewest), sql::bind(type)},
                                      count_valid(type)));
    }
    const std::string of_asset_scan =
        "EXISTS (SELECT 1 FROM asset_scan_reconciliations AS r WHERE r.asset_scan_id = $2 AND "
        "r.finding_type = f.object_type AND r.asset_id = f.asset_id AND f.found_on <= "
        "r.observed_on) AND f.asset_id = $3 AND f.object_type = $1 AND f.invalidated_on IS NULL";
    const auto parameters = sql::bind("Vulnerability", asset_scan_id(9, 1), asset_id(9));
    reads.push_back(findings_list(
        "vulnerabilities of an asset scan", goal,
        fmt::format("{} and foundBy/id eq '{}'", valid("Vulnerability"), asset_scan_id(9, 1)),
        "foundOn desc", {findings_sql(of_asset_scan, kNewest), parameters},
        {"SELECT count(*) FROM finding_rows AS f WHERE " + of_asset_scan, parameters}));
    reads.push_back(
        {.name = "assets",
         .target = fmt::format("/assets?{}&$select=id,assetInfo,summary,lastSeen,terminatedOn"
                               "&$orderby=lastSeen desc,terminatedOn desc"
                               "&$filter=terminatedOn eq null",
                               kPage),
         .goal = goal,
         .rows = {"SELECT document FROM assets WHERE terminated_on IS NULL "
                  "ORDER BY last_seen DESC NULLS LAST, row_id DESC LIMIT 50",
                  {}},
         .count = sql::Statement{"SELECT count(*) FROM assets WHERE terminated_on IS NULL", {}}});
    reads.push_back(
        {.name = "asset scans",
         .target = fmt::format("/assetScans?{}&$orderby=stats/general/scanTime/startTime desc"
                               "&$expand=scan($select=name,startTime),asset($select=assetInfo)",
                               kPage),
         .goal = goal,
         .rows = {"SELECT t.document, s.document, a.document FROM asset_scans AS t LEFT JOIN "
                  "scans AS s ON s.id = t.scan_id LEFT JOIN assets AS a ON a.id = t.asset_id "
                  "ORDER BY t.start_time DESC NULLS LAST, t.row_id DESC LIMIT 50",
                  {}},
         .count = sql::Statement{"SELECT count(*) FROM asset_scans", {}}});
    reads.push_back(
        {.name = "scans",
         .target = fmt::format("/scans?{}&$orderby=startTime desc", kPage),
         .goal = goal,
         .rows = {"SELECT document FROM scans ORDER BY start_time DESC NULLS LAST, row_id DESC "
                  "LIMIT 50",
                  {}},
         .count = sql::Statement{"SELECT count(*) FROM scans", {}}});
    reads.push_back(
        {.name = "scan configurations",
         .target = fmt::format("/scanConfigs?{}&$orderby=name", kPage),
         .goal = goal,
         .rows = {"SELECT document FROM scan_configs ORDER BY name, row_id LIMIT 50", {}},
         .count = sql::Statement{"SELECT count(*) FROM scan_configs", {}}});
    return reads;
}

std::vector<Read> further_lists(sql::Dialect dialect) {
    const double goal = list_goal(dialect);
    const std::string_view type = "Vulnerability";
    std::vector<Read> reads;
    reads.push_back(findings_list(
        "vulnerabilities, by severity", goal, valid(type), "findingInfo/severity desc",
        {findings_sql(kValidOfType, "f.severity DESC NULLS LAST, f.row_id DESC"), sql::bind(type)},
        count_valid(type)));
    reads.push_back(findings_list(
        "vulnerabilities, by name", goal, valid(type), "findingInfo/vulnerabilityName",
        {findings_sql(kValidOfType, "f.vulnerability_name NULLS FIRST, f.row_id"), sql::bind(type)},
        count_valid(type)));
    reads.push_back(findings_list(
        "vulnerabilities, with history", goal,
        fmt::format("(findingInfo.objectType eq '{}')", type), "foundOn desc",
        {findings_sql("f.object_type = $1", kNewest), sql::bind(type)},
        {"SELECT sum(total) FROM finding_totals WHERE finding_type = $1", sql::bind(type)}));
    reads.push_back(findings_list(
        "vulnerabilities, critical", goal,
        fmt::format("{} and findingInfo/severity eq 'CRITICAL'", valid(type)), "foundOn desc",
        {findings_sql(fmt::format("{} AND f.severity = $2", kValidOfType), kNewest),
         sql::bind(type, kCritical)},
        {"SELECT sum(active) FROM finding_totals WHERE finding_type = $1 AND severity = $2",
         sql::bind(type, kCritical)}));
    reads.push_back(
        {.name = "assets, by vulnerabilities",
         .target = fmt::format("/assets?{}&$filter=terminatedOn eq null&$orderby="
                               "summary/totalVulnerabilities/totalCriticalVulnerabilities desc,"
                               "summary/totalVulnerabilities/totalHighVulnerabilities desc,"
                               "summary/totalVulnerabilities/totalMediumVulnerabilities desc,"
                               "summary/totalVulnerabilities/totalLowVulnerabilities desc,"
                               "summary/totalVulnerabilities/totalNegligibleVulnerabilities desc",
                               kPage),
         .goal = goal,
         .rows = {"SELECT document FROM assets WHERE terminated_on IS NULL ORDER BY "
                  "total_critical_vulnerabilities DESC NULLS LAST, "
                  "total_high_vulnerabilities DESC NULLS LAST, "
                  "total_medium_vulnerabilities DESC NULLS LAST, "
                  "total_low_vulnerabilities DESC NULLS LAST, "
                  "total_negligible_vulnerabilities DESC NULLS LAST, row_id DESC LIMIT 50",
                  {}},
         .count = sql::Statement{"SELECT count(*) FROM assets WHERE terminated_on IS NULL", {}}});
    return reads;
}

std::vector<Read> findings_of_one_asset() {
    // One with five times as many as the others.
    const std::string filter = fmt::format("asset/id eq '{}'", asset_id(50));
    const auto parameters = sql::bind(asset_id(50));
    Read all = findings_list("all types", 10, filter, "foundOn desc",
                             {findings_sql("f.asset_id = $1", kNewest), parameters},
                             {"SELECT count(*) FROM finding_rows WHERE asset_id = $1", parameters});
    Read one = chosen_findings("vulnerabilities", 10, "Vulnerability", filter, "f.asset_id = $2",
                               sql::to_value(asset_id(50)));
    return {std::move(all), std::move(one)};
}

std::vector<Read> selective_counts(const FleetOptions& options) {
    const auto counted = [](Read read) {
        // The count alone.
        read.target = fmt::format("/findings?$count=true&$top=0&$filter={}",
                                  read.target.substr(read.target.find("$filter=") + 8));
        read.rows = {};
        return read;
    };
    std::vector<Read> reads;
    reads.push_back(counted(chosen_findings("of a package, by name", 50, "Package",
                                            "findingInfo/name eq 'libssl98'", "f.name = $2",
                                            sql::to_value("libssl98"))));
    reads.push_back(counted(chosen_findings("vulnerabilities of a package", 50, "Vulnerability",
                                            "findingInfo/package/name eq 'libssl98'",
                                            "f.package_name = $2", sql::to_value("libssl98"))));
    const std::int64_t late = options.first_scan + 189 * kDay;
    reads.push_back(counted(chosen_findings(
        "vulnerabilities found since a day", 50, "Vulnerability",
        fmt::format("foundOn ge {}",
                    model::schema::format_time(model::schema::from_nanoseconds(late))),
        "f.found_on >= $2", sql::to_value(late))));
    reads.push_back(counted(chosen_findings(
        "malware in a place", 50, "Malware", "asset/assetInfo/location eq 'eu-west-1/vpc-3'",
        "f.asset_id IN (SELECT a.id FROM assets AS a WHERE a.location = $2)",
        sql::to_value("eu-west-1/vpc-3"))));
    return reads;
}

std::vector<Read> name_searches() {
    constexpr double kGoal = 200;
    const auto search = [](std::string name, std::string_view type, std::string_view path,
                           std::string_view column, std::string_view text) {
        return chosen_findings(
            std::move(name), kGoal, type, fmt::format("contains({},'{}')", path, text),
            fmt::format("f.{0} IN (SELECT n.value FROM finding_names AS n WHERE n.field = '{0}' "
                        "AND n.value LIKE '%' || $2 || '%')",
                        column),
            sql::to_value(text));
    };
    return {search("vulnerabilities named *CVE-2019*", "Vulnerability",
                   "findingInfo/vulnerabilityName", "vulnerability_name", "CVE-2019"),
            search("vulnerabilities named *-9876*", "Vulnerability",
                   "findingInfo/vulnerabilityName", "vulnerability_name", "-9876"),
            search("vulnerabilities of packages *crypt*", "Vulnerability",
                   "findingInfo/package/name", "package_name", "crypt"),
            search("packages named *ssl*", "Package", "findingInfo/name", "name", "ssl")};
}

}  // namespace vmsecurity::bench
