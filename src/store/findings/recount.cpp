#include <array>
#include <map>
#include <vector>

#include "model/schema/canonical.h"
#include "sql/query.h"
#include "store/findings/finding_counts.h"
#include "store/findings/name_columns.h"

namespace vmsecurity::store {
namespace {

using sql::Dialect;

constexpr std::string_view kTotals =
    "INSERT INTO finding_totals (finding_type, severity, active, total) "
    "SELECT object_type, coalesce(severity, -1), "
    "sum(CASE WHEN invalidated_on IS NULL THEN 1 ELSE 0 END), count(*) "
    "FROM finding_rows WHERE object_type IS NOT NULL GROUP BY 1, 2";

constexpr std::string_view kHours =
    "INSERT INTO finding_hour_counts (finding_type, severity, hour, added, invalidated) "
    "SELECT object_type, severity, time - (time % 3600000000000 + 3600000000000) % 3600000000000, "
    "sum(added), sum(invalidated) FROM ("
    "SELECT object_type, coalesce(severity, -1) AS severity, found_on AS time, 1 AS added, "
    "0 AS invalidated FROM finding_rows WHERE object_type IS NOT NULL AND found_on IS NOT NULL "
    "UNION ALL "
    "SELECT object_type, coalesce(severity, -1), "
    "CASE WHEN invalidated_on > found_on THEN invalidated_on ELSE found_on END, 0, 1 "
    "FROM finding_rows WHERE object_type IS NOT NULL AND found_on IS NOT NULL "
    "AND invalidated_on IS NOT NULL) AS e GROUP BY 1, 2, 3";

// How many assets a group of findings is on, and the head of one of them. What is in the head is
// cut out of it here: PostgreSQL fails any statement that looks into a JSON text with \u0000.
constexpr std::string_view kImpacts =
    "SELECT g.object_type, g.severity, g.impact, g.assets, f.head "
    "FROM (SELECT r.object_type, coalesce(r.severity, -1) AS severity, r.impact, "
    "count(DISTINCT r.asset_id) AS assets, min(r.row_id) AS row_id FROM finding_rows AS r "
    "WHERE r.object_type IS NOT NULL AND r.asset_id IS NOT NULL AND r.invalidated_on IS NULL "
    "AND r.suppressed_by IS NULL "
    "AND r.asset_id IN (SELECT a.id FROM assets AS a WHERE a.terminated_on IS NULL) "
    "GROUP BY 1, 2, 3) AS g JOIN finding_rows AS f ON f.row_id = g.row_id";
constexpr std::string_view kImpactsOfAsset =
    "SELECT f.object_type, g.severity, g.impact, 1, f.head "
    "FROM (SELECT coalesce(severity, -1) AS severity, impact, min(row_id) AS row_id "
    "FROM finding_rows WHERE asset_id = $1 AND invalidated_on IS NULL "
    "AND suppressed_by IS NULL AND object_type IS NOT NULL GROUP BY object_type, 1, 2) AS g "
    "JOIN finding_rows AS f ON f.row_id = g.row_id";

base::Result<void> count_impacts(sql::Connection& connection, std::string_view text,
                                 std::span<const sql::Value> parameters, std::int64_t by) {
    CountChanges changes;
    VMSECURITY_TRY(connection.query(text, parameters, [&](const sql::Row& row) {
        if (const auto type = findings::parse_finding_type(row.text(0))) {
            changes.add_impact({*type, row.integer(1), row.integer(2)}, by * row.integer(3),
                               info_in_head(row.text(4)));
        }
        return true;
    }));
    return changes.write(connection);
}

std::string names_of(std::string_view column) {
    std::string text = "INSERT INTO finding_names (field, value) SELECT DISTINCT '";
    text.append(column).append("', ").append(column).append(" FROM finding_rows WHERE ");
    return text.append(column).append(" IS NOT NULL");
}

}  // namespace

base::Result<void> recount_findings(sql::Connection& connection) {
    if (connection.dialect() == Dialect::kPostgres) {
        // Nobody writes findings while they are counted.
        VMSECURITY_TRY(connection.execute("LOCK TABLE finding_rows IN SHARE ROW EXCLUSIVE MODE"));
    }
    for (const std::string_view table :
         {"finding_totals", "finding_hour_counts", "finding_impact_counts", "finding_names"}) {
        VMSECURITY_TRY(connection.execute("DELETE FROM " + std::string(table)));
    }
    VMSECURITY_TRY(connection.execute(kTotals));
    VMSECURITY_TRY(connection.execute(kHours));
    VMSECURITY_TRY(count_impacts(connection, kImpacts, {}, 1));
    for (const std::string_view column : kNameColumns) {
        VMSECURITY_TRY(connection.execute(names_of(column)));
    }
    return {};
}

base::Result<void> asset_life_changed(sql::Connection& connection, std::string_view asset_id,
                                      bool living) {
    VMSECURITY_TRY(lock_findings_of(connection, asset_id));
    return count_impacts(connection, kImpactsOfAsset, sql::bind(asset_id), living ? 1 : -1);
}

}  // namespace vmsecurity::store
