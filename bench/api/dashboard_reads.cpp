#include <fmt/format.h>

#include <array>

#include "bench/api/reads.h"
#include "model/schema/time.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

constexpr double kGoal = 50;
constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;

struct Impact {
    std::string_view type;
    std::string_view orderby;
    std::string_view order;
};
constexpr std::array<Impact, 7> kImpacts = {{
    {"Vulnerability", "severity desc,affectedAssets desc",
     "severity DESC NULLS LAST, affected_assets DESC NULLS LAST, row_id DESC"},
    {"Exploit", "affectedAssets desc", "affected_assets DESC NULLS LAST, row_id DESC"},
    {"Misconfiguration", "affectedAssets desc", "affected_assets DESC NULLS LAST, row_id DESC"},
    {"Secret", "affectedAssets desc", "affected_assets DESC NULLS LAST, row_id DESC"},
    {"Malware", "affectedAssets desc", "affected_assets DESC NULLS LAST, row_id DESC"},
    {"Rootkit", "affectedAssets desc", "affected_assets DESC NULLS LAST, row_id DESC"},
    {"Package", "affectedAssets desc", "affected_assets DESC NULLS LAST, row_id DESC"},
}};

struct Counter {
    std::string_view path;
    std::string_view column;
};
constexpr std::array<Counter, 6> kCounters = {{
    {"totalVulnerabilities/totalCriticalVulnerabilities", "total_critical_vulnerabilities"},
    {"totalExploits", "total_exploits"},
    {"totalMisconfigurations", "total_misconfigurations"},
    {"totalSecrets", "total_secrets"},
    {"totalMalware", "total_malware"},
    {"totalPackages", "total_packages"},
}};

std::string time(std::int64_t at) {
    return model::schema::format_time(model::schema::from_nanoseconds(at));
}

// What was there at a time, by type, and what changed in a week behind it, by hour: any graph of
// that week. A year's graph asks for the first of these at each of its points.
void add_trends(const FleetOptions& options, std::vector<Read>& reads) {
    const std::int64_t start = options.first_scan + 120 * kDay;
    const std::int64_t end = start + 7 * kDay;
    reads.push_back(
        {.name = "trends: all types at one time",
         .target = fmt::format("/findingCounts?$apply=filter(hour lt {})/groupby((findingType),"
                               "aggregate(added with sum as added,invalidated with sum as "
                               "invalidated))",
                               time(start)),
         .goal = kGoal,
         .rows = {"SELECT finding_type, sum(added), sum(invalidated) FROM finding_hour_counts "
                  "WHERE hour < $1 GROUP BY finding_type",
                  sql::bind(start)}});
    reads.push_back(
        {.name = "trends: a week by hours, all types",
         .target = fmt::format("/findingCounts?$apply=filter(hour ge {} and hour lt {})/"
                               "groupby((findingType,hour),aggregate(added with sum as added,"
                               "invalidated with sum as invalidated))",
                               time(start), time(end)),
         .goal = kGoal,
         .rows = {"SELECT finding_type, hour, sum(added), sum(invalidated) FROM "
                  "finding_hour_counts WHERE hour >= $1 AND hour < $2 GROUP BY finding_type, hour",
                  sql::bind(start, end)}});
    reads.push_back(
        {.name = "trends: a week by hours, one type",
         .target = fmt::format("/findingCounts?$apply=filter(findingType eq 'Vulnerability' and "
                               "hour ge {} and hour lt {})/groupby((hour),aggregate(added with "
                               "sum as added,invalidated with sum as invalidated))",
                               time(start), time(end)),
         .goal = kGoal,
         .rows = {"SELECT hour, sum(added), sum(invalidated) FROM finding_hour_counts WHERE "
                  "finding_type = 'Vulnerability' AND hour >= $1 AND hour < $2 GROUP BY hour",
                  sql::bind(start, end)}});
}

void add_regions(std::vector<Read>& reads) {
    reads.push_back(
        {.name = "riskiest regions",
         .target = "/assets?$apply=filter(terminatedOn eq null)/groupby((assetInfo/location),"
                   "aggregate(summary/totalVulnerabilities/totalCriticalVulnerabilities with sum "
                   "as critical,summary/totalVulnerabilities/totalHighVulnerabilities with sum as "
                   "high,summary/totalExploits with sum as exploits,"
                   "summary/totalMisconfigurations with sum as misconfigurations,"
                   "summary/totalSecrets with sum as secrets,summary/totalMalware with sum as "
                   "malware,summary/totalRootkits with sum as rootkits))",
         .goal = kGoal,
         .rows = {"SELECT location, sum(total_critical_vulnerabilities), "
                  "sum(total_high_vulnerabilities), sum(total_exploits), "
                  "sum(total_misconfigurations), sum(total_secrets), sum(total_malware), "
                  "sum(total_rootkits) FROM assets WHERE terminated_on IS NULL GROUP BY location",
                  {}}});
}

}  // namespace

std::vector<Read> dashboard_counts(const FleetOptions& options) {
    std::vector<Read> reads;
    const auto counter = [&](std::string name, std::string_view list, std::string_view filter,
                             std::string_view table, std::string count) {
        reads.push_back({.name = std::move(name),
                         .target = fmt::format("/{}?$count=true&$top=1&$select=id{}", list, filter),
                         .goal = kGoal,
                         .rows = {fmt::format("SELECT id FROM {} LIMIT 1", table), {}},
                         .count = sql::Statement{std::move(count), {}}});
    };
    counter("completed scans", "scans", "&$filter=state in ('Aborted','Failed','Done')", "scans",
            "SELECT count(*) FROM scans WHERE state IN ('Aborted', 'Failed', 'Done')");
    counter("assets", "assets", "&$filter=terminatedOn eq null", "assets",
            "SELECT count(*) FROM assets WHERE terminated_on IS NULL");
    counter("findings", "findings", "&$filter=invalidatedOn eq null", "finding_rows",
            "SELECT sum(active) FROM finding_totals");
    add_trends(options, reads);
    for (const Impact& impact : kImpacts) {
        reads.push_back({.name = fmt::format("impact: {}", impact.type),
                         .target = fmt::format("/findingImpacts?$top=5&$orderby={}"
                                               "&$filter=findingType eq '{}'",
                                               impact.orderby, impact.type),
                         .goal = kGoal,
                         .rows = {fmt::format("SELECT document FROM finding_impacts WHERE "
                                              "finding_type = $1 ORDER BY {} LIMIT 5",
                                              impact.order),
                                  sql::bind(impact.type)}});
    }
    for (const Counter& one : kCounters) {
        reads.push_back(
            {.name = fmt::format("riskiest assets: {}", one.column.substr(6)),
             .target = fmt::format("/assets?$top=5&$select=id,assetInfo,summary&$orderby="
                                   "summary/{0} desc&$filter=terminatedOn eq null and "
                                   "summary/{0} gt 0",
                                   one.path),
             .goal = kGoal,
             .rows = {fmt::format("SELECT document FROM assets WHERE terminated_on IS NULL AND {0} "
                                  "> 0 ORDER BY {0} DESC NULLS LAST, row_id DESC LIMIT 5",
                                  one.column),
                      {}}});
    }
    add_regions(reads);
    return reads;
}

}  // namespace vmsecurity::bench
