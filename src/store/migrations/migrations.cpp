#include "store/migrations/migrations.h"

#include <array>

#include "store/findings/migrations/migrations.h"

namespace vmsecurity::store {

std::span<const sql::Migration> migrations(sql::Dialect dialect) {
    static const std::array sqlite = {
        sql::Migration{.number = 1, .name = "collections", .text = kCollectionsSqlite},
        sql::Migration{.number = 2, .name = "records", .text = kRecordsSqlite},
        sql::Migration{.number = 3, .name = "findings", .text = kFindingsSqlite},
        sql::Migration{.number = 4, .name = "settings", .text = kSettingsSqlite},
        sql::Migration{.number = 5, .name = "list indexes", .text = kListIndexesSqlite},
        sql::Migration{.number = 6, .name = "suppressed_counts", .text = kSuppressedCounts},
    };
    static const std::array postgres = {
        sql::Migration{.number = 1, .name = "collections", .text = kCollectionsPostgres},
        sql::Migration{.number = 2, .name = "records", .text = kRecordsPostgres},
        sql::Migration{.number = 3, .name = "findings", .text = kFindingsPostgres},
        sql::Migration{.number = 4, .name = "settings", .text = kSettingsPostgres},
        sql::Migration{.number = 5, .name = "list indexes", .text = kListIndexesPostgres},
        sql::Migration{.number = 6, .name = "suppressed_counts", .text = kSuppressedCounts},
    };
    if (dialect == sql::Dialect::kSqlite) return sqlite;
    return postgres;
}

}  // namespace vmsecurity::store
