#include <fmt/format.h>
#include <pwd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/api/dataset.h"
#include "sql/migration.h"
#include "sql/postgres/database.h"
#include "sql/sqlite/database.h"
#include "store/migrations/migrations.h"

namespace vmsecurity::bench {
namespace {

namespace fs = std::filesystem;

auto later() {
    return std::chrono::steady_clock::now() + std::chrono::minutes(10);
}

// A database is whole once this file stands beside it.
std::string mark_of(const std::string& folder, const FleetOptions& options) {
    return fmt::format("{}/fleet-{}-{}-{}.made", folder, options.assets, options.findings,
                       options.seed);
}

base::Result<void> fill(sql::Database& database, const std::string& mark,
                        const FleetOptions& options) {
    VMSECURITY_TRY(sql::migrate(database, store::migrations(database.dialect()), later()));
    VMSECURITY_TRY(fill_fleet(database, options));
    std::ofstream(mark) << "made\n";
    return {};
}

class SqliteFleet final : public FleetDatabase {
  public:
    SqliteFleet(std::string path, std::unique_ptr<sql::Database> database)
        : path_(std::move(path)), database_(std::move(database)) {}
    sql::Database& database() override { return *database_; }
    std::string address() const override { return path_; }

    static base::Result<std::unique_ptr<FleetDatabase>> open(const std::string& folder,
                                                             const FleetOptions& options) {
        const std::string path = folder + "/fleet.db";
        const std::string mark = mark_of(folder, options);
        const bool made = fs::exists(mark);
        if (!made) {
            for (const std::string_view suffix : {"", "-wal", "-shm"}) {
                fs::remove(path + std::string(suffix));
            }
        }
        VMSECURITY_ASSIGN(auto database, sql::sqlite::open({.path = path}));
        if (!made) VMSECURITY_TRY(fill(*database, mark, options));
        return std::make_unique<SqliteFleet>(path, std::move(database));
    }

  private:
    std::string path_;
    std::unique_ptr<sql::Database> database_;
};

// The server refuses to run as root: then it runs as the user that Debian's package makes.
bool run(const std::string& command) {
    const std::string text =
        ::geteuid() == 0 ? fmt::format("runuser -u postgres -- {}", command) : command;
    const int status = std::system((text + " >/dev/null 2>&1").c_str());
    return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool owned_by_server(const std::string& folder) {
    if (::geteuid() != 0) return true;
    const passwd* user = ::getpwnam("postgres");
    return user != nullptr && ::chown(folder.c_str(), user->pw_uid, user->pw_gid) == 0;
}

class PostgresFleet final : public FleetDatabase {
  public:
    explicit PostgresFleet(std::string data) : data_(std::move(data)) {}
    ~PostgresFleet() override {
        database_.reset();
        run(fmt::format("{}/pg_ctl -D {} -w -m fast stop", kPrograms, data_));
    }
    sql::Database& database() override { return *database_; }
    std::string address() const override {
        return fmt::format("host={} dbname=postgres user=postgres", data_);
    }

    static base::Result<std::unique_ptr<FleetDatabase>> open(const std::string& folder,
                                                             const FleetOptions& options) {
        const std::string data = folder + "/postgres";
        const std::string mark = mark_of(folder, options);
        const bool made = fs::exists(mark);
        if (!made) {
            fs::remove_all(data);
            fs::create_directories(data);
            if (!owned_by_server(data) ||
                !run(fmt::format("{}/initdb -D {} -A trust -U postgres --no-sync --locale=C.UTF-8 "
                                 "-E UTF8",
                                 kPrograms, data))) {
                return base::fail(base::ErrorCode::kUnavailable,
                                  "PostgreSQL cannot make a database");
            }
        }
        auto fleet = std::make_unique<PostgresFleet>(data);
        // Debian's settings, but for the log being flushed, which a benchmark of reads need not
        // wait for, and memory as a machine of 8 GB would have it.
        run(
            fmt::format("{}/pg_ctl -D {} -w -l {}/log -o '-k {} -c listen_addresses= "
                        "-c shared_buffers=256MB -c max_wal_size=4GB -c work_mem=16MB' start",
                        kPrograms, data, data, data));
        VMSECURITY_ASSIGN(fleet->database_, sql::postgres::open({.connection = fleet->address()}));
        if (!made) {
            VMSECURITY_TRY(fill(*fleet->database_, mark, options));
            // So that index-only scans need no look at the rows.
            run(fmt::format("psql -h {} -U postgres -c 'VACUUM ANALYZE'", data));
        }
        return fleet;
    }

  private:
    static constexpr std::string_view kPrograms = "/usr/lib/postgresql/15/bin";
    std::string data_;
    std::unique_ptr<sql::Database> database_;
};

}  // namespace

base::Result<std::unique_ptr<FleetDatabase>> FleetDatabase::open(sql::Dialect dialect,
                                                                 const std::string& folder,
                                                                 const FleetOptions& options) {
    const std::string place = folder + (dialect == sql::Dialect::kSqlite ? "/sqlite" : "/postgres");
    fs::create_directories(place);
    fs::permissions(folder, fs::perms::others_exec, fs::perm_options::add);
    fs::permissions(place, fs::perms::others_exec, fs::perm_options::add);
    if (dialect == sql::Dialect::kSqlite) return SqliteFleet::open(place, options);
    return PostgresFleet::open(place, options);
}

}  // namespace vmsecurity::bench
