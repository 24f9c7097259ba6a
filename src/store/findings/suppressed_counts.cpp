#include "store/findings/suppressed_counts.h"

#include <set>
#include <utility>

#include "sql/query.h"
#include "store/findings/finding_row.h"
#include "store/findings/row_list.h"
#include "store/findings_store.h"

namespace vmsecurity::store {
namespace {

// Of one type in one asset, what counts.
struct Active {
    FindingTally tally;
    std::map<ImpactGroup, std::int64_t> groups;
};

base::Result<Active> read_active(sql::Connection& connection, std::string_view asset_id,
                                 findings::FindingType type) {
    Active active;
    VMSECURITY_TRY(
        connection.query("SELECT coalesce(severity, -1), impact, count(*) FROM finding_rows "
                         "WHERE asset_id = $1 AND object_type = $2 AND invalidated_on IS NULL "
                         "AND suppressed_by IS NULL GROUP BY 1, 2",
                         sql::bind(asset_id, to_string(type)), [&](const sql::Row& row) {
                             active.tally.add(row.integer(0), row.integer(2));
                             active.groups[{type, row.integer(0), row.integer(1)}] = row.integer(2);
                             return true;
                         }));
    return active;
}

base::Result<std::string> read_info(sql::Connection& connection, std::int64_t row_id) {
    VMSECURITY_ASSIGN(
        const auto head,
        sql::query_value<std::string>(connection, "SELECT head FROM finding_rows WHERE row_id = $1",
                                      sql::bind(row_id)));
    return info_in_head(head.value_or(std::string()));
}

}  // namespace

base::Result<SuppressedCounts> SuppressedCounts::before(sql::Connection& connection,
                                                        std::span<const std::int64_t> rows) {
    const auto list = sql::bind(row_list(rows));
    const std::string listed = in_row_list(connection.dialect(), "$1");
    VMSECURITY_ASSIGN(
        const auto assets,
        sql::query_column<std::string>(
            connection, "SELECT DISTINCT coalesce(asset_id, '') FROM finding_rows WHERE " + listed,
            list));
    // In the order of all who lock several.
    const std::set<std::string> locked(assets.begin(), assets.end());
    for (const std::string& asset : locked) VMSECURITY_TRY(lock_findings_of(connection, asset));

    SuppressedCounts made;
    VMSECURITY_TRY(connection.query(
        "SELECT row_id, suppressed_by, asset_id, object_type, coalesce(severity, -1), impact, "
        "invalidated_on FROM finding_rows WHERE " +
            listed,
        list, [&](const sql::Row& row) {
            const std::string asset(row.text(2));
            if (!locked.contains(asset)) return true;
            CountedFinding counted{
                .type = std::nullopt,
                .asset_id = asset,
                .severity = row.integer(4),
                .impact = row.integer(5),
                .found_on = std::nullopt,
                .invalidated_on = sql::column<std::optional<std::int64_t>>(row, 6)};
            if (const auto type = findings::parse_finding_type(row.text(3))) counted.type = *type;
            made.rows_[row.integer(0)] = {std::string(row.text(1)), asset, impact_group(counted)};
            return true;
        }));
    return made;
}

std::vector<std::int64_t> SuppressedCounts::rows_suppressed_by(std::string_view suppression) const {
    std::vector<std::int64_t> rows;
    for (const auto& [id, row] : rows_) {
        if (row.suppressed_by == suppression) rows.push_back(id);
    }
    return rows;
}

base::Result<SuppressedCounts::Changes> SuppressedCounts::changes(
    sql::Connection& connection) const {
    std::vector<std::int64_t> ids;
    for (const auto& [id, row] : rows_) ids.push_back(id);
    Changes changes;
    VMSECURITY_TRY(connection.query(
        "SELECT row_id, suppressed_by IS NULL FROM finding_rows WHERE " +
            in_row_list(connection.dialect(), "$1"),
        sql::bind(row_list(ids)), [&](const sql::Row& row) {
            const Row& before = rows_.at(row.integer(0));
            const bool counts = row.integer(1) != 0;
            if (!before.group || counts == before.suppressed_by.empty()) return true;
            Change& change = changes[{before.asset_id, before.group->type}][*before.group];
            change.number += counts ? 1 : -1;
            change.row = row.integer(0);
            return true;
        }));
    return changes;
}

base::Result<void> SuppressedCounts::after(Transaction& transaction) const {
    if (rows_.empty()) return {};
    sql::Connection& connection = transaction.connection();
    VMSECURITY_ASSIGN(const Changes all, changes(connection));
    CountChanges counts;
    std::map<ImpactGroup, std::string> samples;
    for (const auto& [kind, groups] : all) {
        const auto& [asset, type] = kind;
        VMSECURITY_ASSIGN(const Active active, read_active(connection, asset, type));
        VMSECURITY_TRY(set_summary_counter(transaction, asset, type, active.tally));
        VMSECURITY_ASSIGN(const bool living, is_living(connection, asset));
        if (!living) continue;
        for (const auto& [group, change] : groups) {
            const auto found = active.groups.find(group);
            const std::int64_t now = found == active.groups.end() ? 0 : found->second;
            const int difference = (now > 0 ? 1 : 0) - (now > change.number ? 1 : 0);
            if (difference == 0) continue;
            std::string& sample = samples[group];
            if (difference > 0 && sample.empty()) {
                VMSECURITY_ASSIGN(sample, read_info(connection, change.row));
            }
            counts.add_impact(group, difference, sample);
        }
    }
    return counts.write(connection);
}

}  // namespace vmsecurity::store
