#include "sql/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sql/query.h"

namespace vmsecurity::sql {
namespace {

using base::ErrorCode;

// An arbitrary number that is ours among PostgreSQL's advisory locks ("vmsecmig").
constexpr std::int64_t kLock = 0x766d7365636d6967;

// A step that no table has; older programs take the database for a newer one.
constexpr std::int64_t kBlocked = 1'000'000'000;

base::Result<void> begin(Connection& connection) {
    if (connection.dialect() == Dialect::kPostgres) {
        // A second starter waits here; its next statement sees what the first has done.
        VMSECURITY_TRY(connection.query("SELECT pg_advisory_xact_lock($1)",
                                        std::vector<Value>{kLock},
                                        [](const Row&) { return true; }));
    }
    VMSECURITY_TRY(connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations (number bigint PRIMARY KEY,"
        " name text NOT NULL, applied_on bigint NOT NULL)"));
    return {};
}

base::Result<void> check(int number, std::string_view name, int expected,
                         std::span<const Migration> known) {
    const auto count = static_cast<int>(known.size());
    if (number == kBlocked) {
        return base::fail(ErrorCode::kUnsupported,
                          fmt::format("the database is not to be opened: {}", name));
    }
    if (number > count) {
        return base::fail(
            ErrorCode::kUnsupported,
            fmt::format("the database has schema {} (\"{}\"), this program knows {} at "
                        "most; start the newer program, or restore a backup",
                        number, name, count));
    }
    if (number != expected || known[static_cast<std::size_t>(number) - 1].name != name) {
        return base::fail(ErrorCode::kUnsupported,
                          fmt::format("the database's schema {} is \"{}\", which this program does "
                                      "not know; it belongs to another program",
                                      number, name));
    }
    return {};
}

base::Result<int> applied(Connection& connection, std::span<const Migration> known) {
    int last = 0;
    base::Result<void> checked;
    VMSECURITY_TRY(connection.query("SELECT number, name FROM schema_migrations ORDER BY number",
                                    {}, [&](const Row& row) {
                                        const auto number = static_cast<int>(row.integer(0));
                                        // A newer database is told by its newest step.
                                        const bool beyond = number > static_cast<int>(known.size());
                                        checked = check(number, row.text(1), last + 1, known);
                                        last = number;
                                        return checked.has_value() || beyond;
                                    }));
    if (!checked) return base::fail(std::move(checked).error());
    return last;
}

base::Result<void> apply(Connection& connection, const Migration& migration) {
    if (migration.apply != nullptr) {
        VMSECURITY_TRY(migration.apply(connection));
    } else {
        VMSECURITY_TRY(connection.execute_script(migration.text));
    }
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    VMSECURITY_TRY(connection.execute(
        "INSERT INTO schema_migrations (number, name, applied_on) VALUES ($1, $2, $3)",
        std::vector<Value>{std::int64_t{migration.number}, std::string(migration.name),
                           std::int64_t{now.count()}}));
    return {};
}

}  // namespace

base::Result<int> migrate(Database& database, std::span<const Migration> migrations,
                          std::chrono::steady_clock::time_point deadline, int up_to) {
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        if (migrations[i].number != static_cast<int>(i) + 1) {
            return base::fail(ErrorCode::kInternal, "migrations must be numbered 1, 2, 3, ...");
        }
    }
    const int target = std::min(up_to, static_cast<int>(migrations.size()));
    int last = 0;
    bool done = false;
    const auto step = [&](Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(begin(connection));
        VMSECURITY_ASSIGN(last, applied(connection, migrations));
        done = last >= target;
        if (done) return {};
        const Migration& next = migrations[static_cast<std::size_t>(last)];
        if (auto result = apply(connection, next); !result) {
            base::Error error = std::move(result).error();
            error.message = fmt::format("cannot bring the database to schema {} (\"{}\"): {}",
                                        next.number, next.name, error.message);
            return base::fail(std::move(error));
        }
        return {};
    };
    while (!done) VMSECURITY_TRY(database.write_large(step, deadline));
    return last;
}

base::Result<int> schema_number(Connection& connection, std::span<const Migration> migrations) {
    const std::string_view text =
        connection.dialect() == Dialect::kSqlite
            ? "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'"
            : "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migrations')";
    VMSECURITY_ASSIGN(const auto found, query_value<std::int64_t>(connection, text));
    if (found.value_or(0) == 0) return 0;
    return applied(connection, migrations);
}

base::Result<void> block_migrations(Connection& connection, std::string_view why) {
    VMSECURITY_TRY(connection.execute(
        "INSERT INTO schema_migrations (number, name, applied_on) VALUES ($1, $2, 0)",
        std::vector<Value>{kBlocked, std::string(why)}));
    return {};
}

base::Result<void> unblock_migrations(Connection& connection) {
    VMSECURITY_TRY(connection.execute("DELETE FROM schema_migrations WHERE number = $1",
                                      std::vector<Value>{kBlocked}));
    return {};
}

}  // namespace vmsecurity::sql
