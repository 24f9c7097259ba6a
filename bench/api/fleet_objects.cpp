#include "bench/api/fleet_objects.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "findings/family.h"
#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "model/schema/columns.h"
#include "model/schema/time.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

using boost::json::object;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr int kOlderScans = 200;
constexpr int kScanConfigs = 25;

std::string time(std::int64_t at) {
    return model::schema::format_time(model::schema::from_nanoseconds(at));
}

std::string_view sql_type(model::schema::ColumnType type) {
    using model::schema::ColumnType;
    if (type == ColumnType::kText) return "text";
    return type == ColumnType::kBoolean ? "boolean" : "bigint";
}

base::Result<void> insert(sql::Connection& connection, const model::schema::Collection& collection,
                          const object& document) {
    std::vector<std::string_view> columns = {"id", "revision", "document"};
    std::vector<std::string_view> types = {"text", "bigint", "text"};
    std::vector<sql::Value> row =
        sql::bind(std::string_view(document.at("id").get_string()), 1,
                  model::schema::canonical_text(*collection.schema, document));
    auto values = model::schema::column_values(collection, document);
    for (std::size_t i = 0; i < values.size(); ++i) {
        columns.push_back(collection.columns[i].name);
        types.push_back(sql_type(collection.columns[i].type));
        row.push_back(std::visit([](auto&& one) { return sql::Value(one); }, values[i]));
    }
    const std::vector<std::vector<sql::Value>> rows = {std::move(row)};
    VMSECURITY_TRY(connection.insert_rows(collection.table, columns, types, rows));
    return {};
}

object families_to_scan() {
    return {{"scanFamiliesConfig",
             {{"sbom", {{"enabled", true}}}, {"vulnerabilities", {{"enabled", true}}}}}};
}

object scan(const FleetOptions& options, std::string id, std::int64_t start, int number) {
    const std::int64_t end = start + 3'600 * kSecond;
    object scan;
    scan["assetScanTemplate"] = families_to_scan();
    scan["endTime"] = time(end);
    scan["id"] = id;
    scan["maxParallelScanners"] = 2;
    scan["name"] = fmt::format("nightly-{}", id);
    scan["scanConfig"] = {{"id", fmt::format("scan-config-{}", number % kScanConfigs)}};
    scan["scope"] = "assetInfo/location eq 'eu-west-1'";
    scan["startTime"] = time(start);
    scan["state"] = number % 9 == 4 ? "Failed" : "Done";
    scan["stateReason"] = number % 9 == 4 ? "TimedOut" : "Success";
    scan["summary"] = {{"jobsCompleted", options.assets}, {"jobsLeftToRun", 0}};
    return scan;
}

}  // namespace

std::int64_t scan_time(const FleetOptions& options, std::int64_t asset, int round) {
    return options.first_scan + round * 100 * kDay + asset % 90 * kDay + asset * 37 * kSecond +
           asset * 1'000'003;
}

base::Result<void> insert_asset(sql::Connection& connection, const FleetOptions& options,
                                std::int64_t asset, const object& summary) {
    constexpr std::array kRegions = {"eu-west-1", "eu-central-1", "us-east-1", "us-west-2"};
    object document;
    document["assetInfo"] = {
        {"image", "ami-0123456789abcdef0"},
        {"instanceID", fmt::format("i-{:017x}", asset)},
        {"instanceProvider", "AWS"},
        {"instanceType", "m5.large"},
        {"launchTime", time(options.first_scan - kDay)},
        {"location",
         fmt::format("{}/vpc-{}", kRegions[static_cast<std::size_t>(asset) % 4], asset % 17)},
        {"objectType", "VMInfo"},
        {"platform", "linux"},
        {"rootVolume", {{"encrypted", "Yes"}, {"sizeGB", 20}}},
        {"securityGroups", {{{"id", fmt::format("sg-{}", asset % 40)}}}},
        {"tags", {{{"key", "team"}, {"value", fmt::format("team-{}", asset % 25)}}}}};
    document["firstSeen"] = time(scan_time(options, asset, 0));
    document["id"] = asset_id(asset);
    document["lastSeen"] = time(scan_time(options, asset, kRounds - 1));
    document["name"] = fmt::format("i-{:017x}", asset);
    document["revision"] = 1;
    document["summary"] = summary;
    if (asset % 20 == 7) document["terminatedOn"] = time(scan_time(options, asset, kRounds));
    return insert(connection, model::api::kAssetsCollection, document);
}

base::Result<void> insert_asset_scan(sql::Connection& connection, const FleetOptions& options,
                                     std::int64_t asset, int round, const object& summary) {
    const std::int64_t start = scan_time(options, asset, round);
    const std::int64_t end = start + 40 * kSecond;
    const object done = {{"lastTransitionTime", time(end)}, {"state", "Done"}};
    object status = {{"general", done}};
    for (const findings::Family& family : findings::families()) status[family.name] = done;
    object document;
    document["asset"] = {{"id", asset_id(asset)}};
    document["findingsProcessed"] = true;
    document["id"] = asset_scan_id(asset, round);
    document["resourceCleanupStatus"] = {
        {"lastTransitionTime", time(end)}, {"reason", "Success"}, {"state", "Done"}};
    document["revision"] = 1;
    document["scan"] = {{"id", fmt::format("scan-{}", round)}};
    document["stats"] = {
        {"general", {{"scanTime", {{"endTime", time(end)}, {"startTime", time(start)}}}}}};
    document["status"] = std::move(status);
    document["summary"] = summary;
    return insert(connection, model::api::kAssetScansCollection, document);
}

base::Result<void> insert_scans(sql::Connection& connection, const FleetOptions& options) {
    for (int number = 0; number < kScanConfigs; ++number) {
        object config;
        config["disabled"] = number % 5 == 0;
        config["id"] = fmt::format("scan-config-{}", number);
        config["name"] = fmt::format("nightly-{}", number);
        config["scanTemplate"] = {{"assetScanTemplate", families_to_scan()},
                                  {"maxParallelScanners", 2},
                                  {"scope", "assetInfo/location eq 'eu-west-1'"}};
        config["scheduled"] = {{"cronLine", "0 3 * * *"},
                               {"operationTime", time(options.first_scan + 300 * kDay)}};
        VMSECURITY_TRY(insert(connection, model::api::kScanConfigsCollection, config));
    }
    for (int round = 0; round < kRounds; ++round) {
        VMSECURITY_TRY(insert(connection, model::api::kScansCollection,
                              scan(options, fmt::format("scan-{}", round),
                                   options.first_scan + round * 100 * kDay, round)));
    }
    for (int number = 0; number < kOlderScans; ++number) {
        VMSECURITY_TRY(insert(connection, model::api::kScansCollection,
                              scan(options, fmt::format("older-scan-{}", number),
                                   options.first_scan - (number + 1) * kDay, number)));
    }
    return {};
}

}  // namespace vmsecurity::bench
