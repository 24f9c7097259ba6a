#include "bench/api/fleet_database.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

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

base::Result<void> fill(sql::Database& database, const FleetOptions& options) {
    fmt::print("making {} findings of {} assets\n", options.findings, options.assets);
    std::fflush(stdout);
    VMSECURITY_TRY(sql::migrate(database, store::migrations(database.dialect()), later()));
    return fill_fleet(database, options);
}

class SqliteFleet final : public FleetDatabase {
  public:
    explicit SqliteFleet(std::string path) : path_(std::move(path)) {}
    ~SqliteFleet() override { remove(path_); }

    std::string address() const override { return "sqlite:" + path_; }
    base::Result<std::unique_ptr<sql::Database>> connect(bool read_only) const override {
        return sql::sqlite::open({.path = path_, .read_only = read_only});
    }
    std::vector<pid_t> processes() const override { return {}; }

    static base::Result<std::unique_ptr<FleetDatabase>> open(const std::string& place,
                                                             const FleetOptions& options) {
        const std::string whole = place + "/fleet.db";
        if (!fs::exists(whole)) {
            const std::string part = whole + ".part";
            remove(part);
            VMSECURITY_ASSIGN(auto database, sql::sqlite::open({.path = part}));
            VMSECURITY_TRY(fill(*database, options));
            database.reset();  // which takes in what is in its log
            fs::rename(part, whole);
        }
        const std::string copy = place + "/run.db";
        remove(copy);
        fs::copy_file(whole, copy);
        return std::make_unique<SqliteFleet>(copy);
    }

  private:
    static void remove(const std::string& path) {
        for (const std::string_view suffix : {"", "-wal", "-shm"}) {
            fs::remove(path + std::string(suffix));
        }
    }

    std::string path_;
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
        run(fmt::format("{}/pg_ctl -D {} -w -m fast stop", kPrograms, data_));
    }

    std::string address() const override { return address_of("run"); }
    base::Result<std::unique_ptr<sql::Database>> connect(bool /*read_only*/) const override {
        return sql::postgres::open({.connection = address()});
    }
    std::vector<pid_t> processes() const override {
        pid_t server = 0;
        std::ifstream(data_ + "/postmaster.pid") >> server;
        std::vector<pid_t> found = {server};
        std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", server));
        for (pid_t child = 0; children >> child;) found.push_back(child);
        return found;
    }

    static base::Result<std::unique_ptr<FleetDatabase>> open(const std::string& place,
                                                             const FleetOptions& options) {
        auto fleet = std::make_unique<PostgresFleet>(place + "/data");
        if (!fs::exists(fleet->data_) && !fleet->make_cluster()) return failed("make a cluster");
        // Debian's settings, but for memory as a machine of 8 GB would have it.
        if (!run(fmt::format("{0}/pg_ctl -D {1} -w -l {1}/log -o '-k {1} -c listen_addresses= "
                             "-c shared_buffers=256MB -c max_wal_size=4GB -c work_mem=16MB' start",
                             kPrograms, fleet->data_)) &&
            !fleet->command("SELECT 1")) {
            return failed("start");
        }
        const std::string mark = place + "/made";
        if (!fs::exists(mark)) {
            fleet->command("DROP DATABASE IF EXISTS fleet");
            if (!fleet->command("CREATE DATABASE fleet")) return failed("make a database");
            VMSECURITY_ASSIGN(auto database,
                              sql::postgres::open({.connection = fleet->address_of("fleet")}));
            VMSECURITY_TRY(fill(*database, options));
            database.reset();
            // So that index-only scans need no look at the rows.
            fleet->command("VACUUM ANALYZE", "fleet");
            std::ofstream(mark) << "made\n";
        }
        fleet->command("DROP DATABASE IF EXISTS run WITH (FORCE)");
        if (!fleet->command("CREATE DATABASE run TEMPLATE fleet STRATEGY file_copy")) {
            return failed("copy the fleet");
        }
        return fleet;
    }

  private:
    static constexpr std::string_view kPrograms = "/usr/lib/postgresql/15/bin";

    static tl::unexpected<base::Error> failed(std::string_view what) {
        return base::fail(base::ErrorCode::kUnavailable, fmt::format("PostgreSQL cannot {}", what));
    }
    std::string address_of(std::string_view name) const {
        return fmt::format("postgresql://postgres@/{}?host={}", name, data_);
    }
    bool command(std::string_view text, std::string_view name = "postgres") const {
        return run(fmt::format("psql -X -v ON_ERROR_STOP=1 -h {} -U postgres -c '{}' {}", data_,
                               text, name));
    }
    bool make_cluster() const {
        fs::create_directories(data_);
        return owned_by_server(data_) &&
               run(fmt::format("{}/initdb -D {} -A trust -U postgres --no-sync "
                               "--locale=C.UTF-8 -E UTF8",
                               kPrograms, data_));
    }

    std::string data_;
};

}  // namespace

base::Result<std::unique_ptr<FleetDatabase>> FleetDatabase::open(sql::Dialect dialect,
                                                                 const std::string& folder,
                                                                 const FleetOptions& options) {
    const std::string place = fmt::format(
        "{}/{}-{}-{}", fs::absolute(folder).string(),
        dialect == sql::Dialect::kSqlite ? "sqlite" : "postgresql", options.findings, options.seed);
    fs::create_directories(place);
    for (const std::string& entered : {fs::path(place).parent_path().string(), place}) {
        fs::permissions(entered, fs::perms::others_exec, fs::perm_options::add);
    }
    if (dialect == sql::Dialect::kSqlite) return SqliteFleet::open(place, options);
    return PostgresFleet::open(place, options);
}

}  // namespace vmsecurity::bench
