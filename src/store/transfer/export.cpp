#include <fmt/format.h>

#include <chrono>
#include <map>
#include <utility>

#include "codec/json_writer.h"
#include "sql/migration.h"
#include "store/change_feed.h"
#include "store/migrations/migrations.h"
#include "store/transfer/lines.h"
#include "store/transfer/row_text.h"
#include "store/transfer/tables.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::store::transfer {
namespace {

using base::ErrorCode;

constexpr std::chrono::hours kTime{24};
constexpr std::uint64_t kRowsBetweenReports = 1000;

base::Result<void> check_schema(sql::Connection& connection) {
    const auto known = migrations(connection.dialect());
    VMSECURITY_ASSIGN(const int number, sql::schema_number(connection, known));
    if (number == static_cast<int>(known.size())) return {};
    return base::fail(
        ErrorCode::kUnsupported,
        number == 0 ? "The database is empty."
                    : fmt::format("The database has schema {}, this program's is {}: bring it up "
                                  "to date first (vmsecurityd store migrate).",
                                  number, known.size()));
}

std::string header(std::int64_t schema, std::int64_t changes) {
    codec::JsonWriter out;
    out.begin_object();
    out.member("format", "vmsecurity-store");
    out.member("version", kFormatVersion);
    out.member("schema", schema);
    out.member("changes", changes);
    out.end_object();
    return out.take();
}

std::string heading(const Table& table) {
    codec::JsonWriter out;
    out.begin_object();
    out.member("table", table.name);
    out.key("columns");
    out.begin_array();
    for (const Column& column : table.columns) out.value(column.name);
    out.end_array();
    out.end_object();
    return out.take();
}

std::string query_text(const Table& table) {
    std::string text = "SELECT ";
    for (const Column& column : table.columns) {
        if (&column != table.columns.data()) text += ", ";
        text += column.name;
    }
    return text.append(" FROM ").append(table.name).append(" ORDER BY ").append(table.order);
}

base::Result<std::uint64_t> write_table(sql::Connection& connection, const Table& table,
                                        LineWriter& lines, const Progress& progress) {
    VMSECURITY_TRY(lines.write(heading(table)));
    std::uint64_t rows = 0;
    base::Result<void> written;
    VMSECURITY_TRY(connection.query(query_text(table), {}, [&](const sql::Row& row) {
        auto text = row_text(row, table.columns);
        written = text ? lines.write(*std::move(text)) : base::fail(std::move(text).error());
        if (!written) return false;
        if (++rows % kRowsBetweenReports == 0) progress(table.name, rows);
        return true;
    }));
    if (!written) {
        base::Error error = std::move(written).error();
        if (error.code == ErrorCode::kCorrupt) {
            error.where = std::string(table.name) + ' ' + error.where;
        }
        return base::fail(std::move(error));
    }
    return rows;
}

std::string last_line(const std::map<std::string_view, std::uint64_t>& rows, std::string hash) {
    codec::JsonWriter out;
    out.begin_object();
    out.key("rows");
    out.begin_object();
    for (const auto& [table, count] : rows) out.member(table, count);
    out.end_object();
    out.member("sha256", hash);
    out.end_object();
    return out.take();
}

}  // namespace

base::Result<std::uint64_t> export_store(
    sql::Database& database, const std::function<base::Result<void>(std::string_view)>& sink,
    const Progress& progress) {
    LineWriter lines(sink);
    std::map<std::string_view, std::uint64_t> rows;
    std::uint64_t all = 0;
    bool begun = false;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        // The database lost its connection and would try again, in another snapshot.
        if (std::exchange(begun, true)) {
            return base::fail(ErrorCode::kUnavailable, "The database went away during the export.");
        }
        VMSECURITY_TRY(check_schema(connection));
        VMSECURITY_ASSIGN(const std::int64_t changes, last_change(connection));
        const auto schema = static_cast<std::int64_t>(migrations(connection.dialect()).size());
        VMSECURITY_TRY(lines.write(header(schema, changes)));
        for (const Table& table : tables()) {
            VMSECURITY_ASSIGN(const std::uint64_t count,
                              write_table(connection, table, lines, progress));
            rows[table.name] = count;
            all += count;
        }
        return {};
    };
    VMSECURITY_TRY(database.read(work, std::chrono::steady_clock::now() + kTime));
    VMSECURITY_TRY(lines.finish(last_line(rows, lines.hash())));
    return all;
}

}  // namespace vmsecurity::store::transfer
