#include "store/findings/finding_counts.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "sql/query.h"

namespace vmsecurity::store {
namespace {

using findings::to_string;
using sql::Value;

constexpr std::int64_t kHour = std::int64_t{3600} * 1'000'000'000;

std::int64_t hour_of(std::int64_t time) {
    std::int64_t rest = time % kHour;
    if (rest < 0) rest += kHour;
    return time - rest;
}

std::string type_text(findings::FindingType type) {
    return std::string(to_string(type));
}

}  // namespace

base::Result<void> lock_findings_of(sql::Connection& connection, std::string_view asset_id) {
    if (connection.dialect() != sql::Dialect::kPostgres) return {};  // one writer
    return connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 7214))",
                            sql::bind(asset_id), [](const sql::Row&) { return true; });
}

std::optional<ImpactGroup> impact_group(const CountedFinding& finding) {
    if (!finding.type || finding.asset_id.empty() || finding.invalidated_on) return std::nullopt;
    return ImpactGroup{*finding.type, finding.severity, finding.impact};
}

void CountChanges::count(const CountedFinding& finding, std::int64_t by) {
    if (!finding.type) return;
    Total& total = totals_[{*finding.type, finding.severity}];
    total.total += by;
    if (!finding.invalidated_on) total.active += by;
    if (!finding.found_on) return;  // no hour is known: it is in no trend
    const std::int64_t found_on = *finding.found_on;
    hours_[{*finding.type, finding.severity, hour_of(found_on)}].added += by;
    if (!finding.invalidated_on) return;
    // Never before it was found, so that the sum over hours is what was valid.
    const std::int64_t end = std::max(found_on, *finding.invalidated_on);
    hours_[{*finding.type, finding.severity, hour_of(end)}].invalidated += by;
}

void CountChanges::add_impact(const ImpactGroup& group, std::int64_t assets,
                              std::string_view sample) {
    Impact& impact = impacts_[group];
    impact.assets += assets;
    if (assets > 0 && impact.sample.empty()) impact.sample = sample;
}

base::Result<void> CountChanges::write(sql::Connection& connection) {
    VMSECURITY_TRY(write_totals(connection));
    VMSECURITY_TRY(write_hours(connection));
    return write_impacts(connection);
}

base::Result<void> CountChanges::write_totals(sql::Connection& connection) const {
    static constexpr std::array<std::string_view, 4> kColumns = {"finding_type", "severity",
                                                                 "active", "total"};
    static constexpr std::array<std::string_view, 4> kTypes = {"text", "smallint", "bigint",
                                                               "bigint"};
    std::vector<std::vector<Value>> rows;
    for (const auto& [kind, total] : totals_) {
        if (total.active == 0 && total.total == 0) continue;
        rows.push_back(sql::bind(type_text(kind.first), kind.second, total.active, total.total));
    }
    if (rows.empty()) return {};
    VMSECURITY_TRY(connection.insert_rows(
        "finding_totals", kColumns, kTypes, rows,
        "(finding_type, severity) DO UPDATE SET active = finding_totals.active + excluded.active, "
        "total = finding_totals.total + excluded.total"));
    return {};
}

base::Result<void> CountChanges::write_hours(sql::Connection& connection) const {
    static constexpr std::array<std::string_view, 5> kColumns = {"finding_type", "severity", "hour",
                                                                 "added", "invalidated"};
    static constexpr std::array<std::string_view, 5> kTypes = {"text", "smallint", "bigint",
                                                               "bigint", "bigint"};
    std::vector<std::vector<Value>> rows;
    for (const auto& [place, hour] : hours_) {
        if (hour.added == 0 && hour.invalidated == 0) continue;
        const auto& [type, severity, start] = place;
        rows.push_back(sql::bind(type_text(type), severity, start, hour.added, hour.invalidated));
    }
    if (rows.empty()) return {};
    VMSECURITY_TRY(connection.insert_rows(
        "finding_hour_counts", kColumns, kTypes, rows,
        "(finding_type, hour, severity) DO UPDATE SET "
        "added = finding_hour_counts.added + excluded.added, "
        "invalidated = finding_hour_counts.invalidated + excluded.invalidated"));
    return {};
}

base::Result<void> CountChanges::write_impacts(sql::Connection& connection) {
    static constexpr std::array<std::string_view, 5> kColumns = {
        "finding_type", "severity", "impact", "affected_assets", "sample"};
    static constexpr std::array<std::string_view, 5> kTypes = {"text", "smallint", "bigint",
                                                               "bigint", "text"};
    std::vector<std::vector<Value>> rows;
    std::set<std::pair<findings::FindingType, std::int64_t>> fallen;
    for (auto& [group, impact] : impacts_) {
        if (impact.assets == 0) continue;
        if (impact.assets < 0) fallen.insert({group.type, group.severity});
        rows.push_back(sql::bind(type_text(group.type), group.severity, group.impact, impact.assets,
                                 std::move(impact.sample)));
    }
    if (rows.empty()) return {};
    VMSECURITY_TRY(connection.insert_rows(
        "finding_impact_counts", kColumns, kTypes, rows,
        "(finding_type, impact, severity) DO UPDATE SET "
        "affected_assets = finding_impact_counts.affected_assets + excluded.affected_assets"));
    for (const auto& [type, severity] : fallen) {
        VMSECURITY_TRY(
            connection.execute("DELETE FROM finding_impact_counts WHERE finding_type = $1 "
                               "AND coalesce(severity_rank, -1) = $2 AND affected_assets = 0",
                               sql::bind(to_string(type), severity)));
    }
    return {};
}

base::Result<bool> is_living(sql::Connection& connection, std::string_view asset_id) {
    return sql::query_one(connection,
                          "SELECT 1 FROM assets WHERE id = $1 AND terminated_on IS NULL",
                          sql::bind(asset_id), [](const sql::Row&) {});
}

base::Result<std::int64_t> group_size(sql::Connection& connection, std::string_view asset_id,
                                      const ImpactGroup& group) {
    VMSECURITY_ASSIGN(
        const auto size,
        sql::query_value<std::int64_t>(
            connection,
            "SELECT count(*) FROM finding_rows WHERE asset_id = $1 AND object_type = $2 "
            "AND invalidated_on IS NULL AND suppressed_by IS NULL AND impact = $3 "
            "AND coalesce(severity, -1) = $4",
            sql::bind(asset_id, to_string(group.type), group.impact, group.severity)));
    return size.value_or(0);
}

}  // namespace vmsecurity::store
