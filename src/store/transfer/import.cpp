#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "sql/advisory_locks.h"
#include "sql/migration.h"
#include "sql/query.h"
#include "store/change_feed.h"
#include "store/findings_store.h"
#include "store/migrations/migrations.h"
#include "store/transfer/loader.h"
#include "store/transfer/reader.h"
#include "store/transfer/tables.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::store::transfer {
namespace {

using base::ErrorCode;
using base::fail;

std::chrono::steady_clock::time_point long_from_now() {
    return std::chrono::steady_clock::now() + std::chrono::hours(4);
}

constexpr std::string_view kUnfinished =
    "an import into it is running or was not finished, and what it holds is incomplete; if none is "
    "running, make it anew (SQLite: delete the file; PostgreSQL: drop and create the database) and "
    "import again";

base::Result<void> check_empty(sql::Connection& connection) {
    for (const Table& table : tables()) {
        VMSECURITY_ASSIGN(const bool found,
                          sql::query_one(connection, fmt::format("SELECT 1 FROM {}", table.name),
                                         {}, [](const sql::Row&) {}));
        if (found) {
            return fail(ErrorCode::kInvalidArgument,
                        fmt::format("The store is not empty (there are {}): import into a new one.",
                                    table.name));
        }
    }
    return {};
}

// SQLite's file is locked by who uses it. The sessions of a server that was just stopped end a
// moment after it.
base::Result<void> check_unused(sql::Connection& connection) {
    if (connection.dialect() == sql::Dialect::kSqlite) return {};
    constexpr auto kMoment = std::chrono::seconds(2);
    constexpr auto kPause = std::chrono::milliseconds(50);
    const auto end = std::chrono::steady_clock::now() + kMoment;
    for (;;) {
        VMSECURITY_ASSIGN(
            const auto got,
            sql::query_value<std::int64_t>(connection, "SELECT pg_try_advisory_xact_lock($1)::int",
                                           sql::bind(sql::kListenersLock)));
        if (got == 1) return {};
        if (std::chrono::steady_clock::now() >= end) break;
        std::this_thread::sleep_for(kPause);
    }
    return fail(ErrorCode::kUnavailable, "A server uses the database: stop it, then import again.");
}

base::Result<void> begin(sql::Database& database, const Header& header) {
    const auto known = migrations(database.dialect());
    if (header.schema > static_cast<std::int64_t>(known.size())) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("The export has schema {}, this program knows {} at most: import "
                                "it by the program that wrote it, or a newer one.",
                                header.schema, known.size()));
    }
    VMSECURITY_TRY(sql::migrate(database, known, long_from_now()));
    return database.write_large(
        [](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(check_unused(connection));
            VMSECURITY_TRY(check_empty(connection));
            return sql::block_migrations(connection, kUnfinished);
        },
        long_from_now());
}

base::Result<std::uint64_t> load(sql::Database& database, FileReader& file, const Header& header,
                                 const Progress& progress) {
    Loader loader(database, progress);
    VMSECURITY_ASSIGN(const std::uint64_t rows,
                      file.read({.table =
                                     [&](const Table& table, std::vector<Column> columns) {
                                         return loader.begin(table, std::move(columns));
                                     },
                                 .row =
                                     [&](std::vector<sql::Value> values) {
                                         return loader.add(std::move(values));
                                     }}));
    VMSECURITY_TRY(loader.flush());
    VMSECURITY_TRY(database.write_large(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(recount_findings(connection));
            VMSECURITY_TRY(advance_change_feed(connection, header.changes));
            return sql::unblock_migrations(connection);
        },
        long_from_now()));
    return rows;
}

base::Result<void> empty_again(sql::Database& database) {
    return database.write_large(
        [](sql::Connection& connection) -> base::Result<void> {
            for (const Table& table : tables()) {
                VMSECURITY_TRY(connection.execute(fmt::format("DELETE FROM {}", table.name)));
            }
            return sql::unblock_migrations(connection);
        },
        long_from_now());
}

// A constraint that refused a row: no row of a store breaks one.
base::Error as_damage(base::Error error) {
    if (error.code != ErrorCode::kInvalidArgument) return error;
    return {
        ErrorCode::kCorrupt, "A row of the file cannot be one of a store.", {}, error.describe()};
}

}  // namespace

base::Result<std::uint64_t> import_store(
    sql::Database& database,
    const std::function<base::Result<std::size_t>(char* buffer, std::size_t size)>& source,
    const Progress& progress) {
    FileReader file(source);
    VMSECURITY_ASSIGN(const Header header, file.read_header());
    VMSECURITY_TRY(begin(database, header));
    auto rows = load(database, file, header, progress);
    if (rows) return rows;
    base::Error error = as_damage(std::move(rows).error());
    if (!empty_again(database)) {
        error.message += " What was imported could not be removed: make the database anew.";
    }
    return fail(std::move(error));
}

}  // namespace vmsecurity::store::transfer
