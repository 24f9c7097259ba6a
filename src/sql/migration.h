#pragma once

#include <chrono>
#include <limits>
#include <span>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace vmsecurity::sql {

// One step of a schema. A dialect has a table of them, numbered 1, 2, 3, ...; once released a step
// never changes.
struct Migration {
    int number = 0;
    std::string_view name;
    std::string_view text = {};  // a script, or
    base::Result<void> (*apply)(Connection&) = nullptr;
};

inline constexpr int kLatestMigration = std::numeric_limits<int>::max();

// Brings the database to migration `up_to`, each step in a transaction with its record in
// schema_migrations(number, name, applied_on in ns since 1970). Programs that start at the same
// time take turns. The answer is the number the database is at.
//
// kUnsupported if the database is newer than the table, or was made by another one: nothing is
// changed then.
base::Result<int> migrate(Database& database, std::span<const Migration> migrations,
                          std::chrono::steady_clock::time_point deadline,
                          int up_to = kLatestMigration);

// The number that the database is at, without changing it; 0: an empty one. Errors as of migrate().
base::Result<int> schema_number(Connection& connection, std::span<const Migration> migrations);

// Makes migrate() refuse the database (kUnsupported), also that of an older program, until it is
// unblocked: what it holds is not whole. `why` is the message's end. The database is migrated.
// kInvalidArgument with where = "unique:...": it is blocked already.
base::Result<void> block_migrations(Connection& connection, std::string_view why);
base::Result<void> unblock_migrations(Connection& connection);

}  // namespace vmsecurity::sql
