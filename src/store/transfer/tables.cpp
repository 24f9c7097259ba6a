#include "store/transfer/tables.h"

#include <algorithm>
#include <array>

#include "model/api/tables.h"
#include "store/findings/finding_row.h"

namespace vmsecurity::store::transfer {
namespace {

// Collections that are views of finding_rows and of the counts made from it.
constexpr std::array<std::string_view, 4> kViews = {"findings", "asset_findings", "finding_hours",
                                                    "finding_impacts"};

Table finding_rows() {
    Table table{.name = "finding_rows", .columns = {}, .order = "row_id"};
    for (std::size_t i = 0; i < finding_columns().size(); ++i) {
        table.columns.push_back({finding_columns()[i], finding_column_types()[i]});
    }
    return table;
}

std::vector<Table> all_tables() {
    std::vector<Table> all;
    for (const model::schema::Collection* collection : model::api::collections()) {
        if (std::ranges::find(kViews, collection->table) != kViews.end()) continue;
        all.push_back({.name = collection->table,
                       .collection = collection,
                       .columns = {{"id", "text"},
                                   {"revision", "bigint"},
                                   {"unique_key", "text"},
                                   {"document", "text"}},
                       .order = "row_id"});
    }
    all.push_back({.name = "asset_scan_results",
                   .columns = {{"asset_scan_id", "text"},
                               {"member", "text"},
                               {"encoding", "smallint"},
                               {"data", "bytea"}},
                   .order = "asset_scan_id, member"});
    all.push_back(finding_rows());
    all.push_back({.name = "finding_observations",
                   .columns = {{"asset_id", "text"},
                               {"finding_type", "text"},
                               {"observed_on", "bigint"},
                               {"observations", "bigint"}},
                   .order = "asset_id, finding_type"});
    all.push_back({.name = "asset_scan_reconciliations",
                   .columns = {{"asset_scan_id", "text"},
                               {"finding_type", "text"},
                               {"scan_id", "text"},
                               {"asset_id", "text"},
                               {"observed_on", "bigint"},
                               {"coverage", "text"}},
                   .order = "asset_scan_id, finding_type"});
    all.push_back(
        {.name = "suppression_states",
         .columns = {{"suppression_id", "text"}, {"revision", "bigint"}, {"active", "boolean"}},
         .order = "suppression_id"});
    all.push_back({.name = "token_hashes",
                   .columns = {{"hash", "text"}, {"token_id", "text"}},
                   .order = "hash"});
    all.push_back(
        {.name = "settings", .columns = {{"name", "text"}, {"document", "text"}}, .order = "name"});
    return all;
}

}  // namespace

std::span<const Table> tables() {
    static const std::vector<Table> kTables = all_tables();
    return kTables;
}

const Table* find_table(std::string_view name) {
    const auto found = std::ranges::find(tables(), name, &Table::name);
    return found == tables().end() ? nullptr : &*found;
}

std::span<const std::string_view> tables_left_behind() {
    static constexpr std::array<std::string_view, 8> kLeftBehind = {
        "changes",
        "change_feed",
        "leases",
        "finding_totals",
        "finding_names",
        "finding_hour_counts",
        "finding_impact_counts",
        "schema_migrations",
    };
    return kLeftBehind;
}

}  // namespace vmsecurity::store::transfer
