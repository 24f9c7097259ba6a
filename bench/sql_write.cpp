// What a commit, a shared commit and many rows cost on each database:
//   sql_write sqlite FILE | sql_write postgres CONNECTION
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "sql/database.h"
#include "sql/postgres/database.h"
#include "sql/query.h"
#include "sql/sqlite/database.h"

namespace {

using namespace vmsecurity;
using Clock = std::chrono::steady_clock;

constexpr int kRows = 20'000;

Clock::time_point soon() {
    return Clock::now() + std::chrono::minutes(5);
}

double seconds_of(const auto& action) {
    const auto start = Clock::now();
    action();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

void must(const base::Result<void>& result) {
    if (result) return;
    std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    std::exit(1);
}

void write(sql::Database& database, std::string_view text,
           std::vector<sql::Value> parameters = {}) {
    must(database.write(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.execute(text, parameters));
            return {};
        },
        soon()));
}

// Commits a second with `threads` callers, for about two seconds.
double commits(sql::Database& database, int threads) {
    std::atomic<int> done = 0;
    const auto end = Clock::now() + std::chrono::seconds(2);
    const double seconds = seconds_of([&] {
        std::vector<std::thread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&, i] {
                while (Clock::now() < end) {
                    write(database, "UPDATE counters SET value = value + 1 WHERE id = $1",
                          sql::bind(i));
                    ++done;
                }
            });
        }
        for (auto& thread : running) thread.join();
    });
    return done / seconds;
}

// Point reads a second with `threads` callers, for about two seconds.
double reads(sql::Database& database, int threads) {
    std::atomic<int> done = 0;
    const auto end = Clock::now() + std::chrono::seconds(2);
    const double seconds = seconds_of([&] {
        std::vector<std::thread> running;
        for (int i = 0; i < threads; ++i) {
            running.emplace_back([&] {
                while (Clock::now() < end) {
                    must(database.read(
                        [&](sql::Connection& connection) -> base::Result<void> {
                            VMSECURITY_TRY(sql::query_value<std::string>(
                                connection, "SELECT document FROM findings WHERE row_id = $1",
                                sql::bind(done % kRows)));
                            return {};
                        },
                        soon()));
                    ++done;
                }
            });
        }
        for (auto& thread : running) thread.join();
    });
    return done / seconds;
}

std::vector<std::vector<sql::Value>> make_rows(int first) {
    std::vector<std::vector<sql::Value>> rows;
    for (int i = first; i < first + kRows; ++i) {
        const std::string id = std::to_string(i * 7919LL) + "-0000-4000-8000-000000000000";
        rows.push_back(sql::bind(i, id, 1, std::string(600, 'x'), i % 5, i * 1'000'000'000LL));
    }
    return rows;
}

void insert(sql::Database& database, int first, std::string_view conflict, const char* what) {
    const std::vector<std::string_view> columns{"row_id",   "id",       "revision",
                                                "document", "severity", "found_on"};
    const std::vector<std::string_view> types{"bigint", "text",     "bigint",
                                              "text",   "smallint", "bigint"};
    const auto rows = make_rows(first);
    const double seconds = seconds_of([&] {
        must(database.write_large(
            [&](sql::Connection& connection) -> base::Result<void> {
                VMSECURITY_TRY(connection.insert_rows("findings", columns, types, rows, conflict));
                return {};
            },
            soon()));
    });
    std::printf("%-34s %10.0f rows/s\n", what, kRows / seconds);
}

void read_all(sql::Database& database) {
    std::size_t bytes = 0;
    int rows = 0;
    const double seconds = seconds_of([&] {
        must(database.read(
            [&](sql::Connection& connection) {
                return connection.query("SELECT row_id, id, document FROM findings", {},
                                        [&](const sql::Row& row) {
                                            bytes += row.text(1).size() + row.text(2).size();
                                            ++rows;
                                            return true;
                                        });
            },
            soon()));
    });
    std::printf("%-34s %10.0f rows/s\n", "read all", rows / seconds);
}

base::Result<std::unique_ptr<sql::Database>> open(std::string_view kind, const std::string& place) {
    if (kind == "sqlite") return sql::sqlite::open({.path = place});
    return sql::postgres::open({.connection = place});
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: sql_write sqlite FILE | sql_write postgres CONNECTION\n");
        return 2;
    }
    auto opened = open(arguments[1], arguments[2]);
    if (!opened) {
        std::fprintf(stderr, "%s\n", opened.error().describe().c_str());
        return 1;
    }
    sql::Database& database = **opened;
    write(database, "DROP TABLE IF EXISTS counters");
    write(database, "DROP TABLE IF EXISTS findings");
    write(database, "CREATE TABLE counters (id bigint PRIMARY KEY, value bigint NOT NULL)");
    write(database,
          "CREATE TABLE findings (row_id bigint PRIMARY KEY, id text NOT NULL UNIQUE, revision "
          "bigint,"
          " document text, severity smallint, found_on bigint)");
    write(database, "CREATE INDEX findings_found_on ON findings (severity, found_on)");
    for (int i = 0; i < 64; ++i) {
        write(database, "INSERT INTO counters VALUES ($1, 0)", sql::bind(i));
    }
    for (const int threads : {1, 8, 64}) {
        std::printf("%-2d writers %35.0f commits/s\n", threads, commits(database, threads));
    }
    insert(database, 0, "", "insert_rows");
    insert(database, kRows, "(id) DO NOTHING", "insert_rows, on conflict, new");
    insert(database, kRows, "(row_id) DO UPDATE SET document = excluded.document",
           "insert_rows, on conflict, update");
    read_all(database);
    for (const int threads : {1, 8}) {
        std::printf("%-2d readers %35.0f reads/s\n", threads, reads(database, threads));
    }
    return 0;
}
