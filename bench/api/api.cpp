// script/bench api [--findings N] [--seconds N] [--folder DIR] [sqlite|postgresql]
//
// The API server over a fleet of N findings (1,000,000) of N/100 assets, on each database, through
// HTTP. Prints what was measured, its goal and their ratio (above 1: missed), the best raw SQL for
// the same on the same database and the ratio to that, and the CPU that a request took in the
// server and in PostgreSQL. The fleet is made once in DIR and copied for each run. --seconds: of
// each test under load. The exit status is 1 if a goal was missed.

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/text.h"
#include "bench/api/process_usage.h"
#include "bench/api/session.h"
#include "bench/measure.h"

namespace vmsecurity::bench {
namespace {

constexpr double kMostMemory = 300;  // MB, anonymous, of the server

struct Arguments {
    FleetOptions fleet;
    std::chrono::seconds load_time{10};
    std::string folder = "build/bench-data";
    std::string server;
    std::optional<sql::Dialect> only;
};

std::optional<Arguments> read_arguments(std::span<char*> given) {
    Arguments arguments;
    if (const char* server = std::getenv("VMSECURITYD_BIN")) arguments.server = server;
    for (std::size_t i = 1; i < given.size(); ++i) {
        const std::string_view word = given[i];
        if (word == "sqlite" || word == "postgresql") {
            arguments.only = word == "sqlite" ? sql::Dialect::kSqlite : sql::Dialect::kPostgres;
            continue;
        }
        if (++i == given.size()) return std::nullopt;
        const std::string_view value = given[i];
        const auto number = base::parse_unsigned(value);
        if (word == "--folder") {
            arguments.folder = value;
        } else if (word == "--findings" && number && *number >= 10'000) {
            arguments.fleet.findings = static_cast<std::int64_t>(*number);
            arguments.fleet.assets = arguments.fleet.findings / 100;
        } else if (word == "--seconds" && number && *number > 0) {
            arguments.load_time = std::chrono::seconds(*number);
        } else {
            return std::nullopt;
        }
    }
    return arguments.server.empty() ? std::nullopt : std::optional(arguments);
}

base::Result<void> measure(const Arguments& arguments, sql::Dialect dialect, Report& report) {
    const bool sqlite = dialect == sql::Dialect::kSqlite;
    report.note(fmt::format("\n{}: {} findings of {} assets", sqlite ? "SQLite" : "PostgreSQL",
                            arguments.fleet.findings, arguments.fleet.assets));
    VMSECURITY_ASSIGN(const auto fleet,
                      FleetDatabase::open(dialect, arguments.folder, arguments.fleet));
    std::map<findings::FindingType, double> raw_inserts;
    {
        VMSECURITY_ASSIGN(const auto writable, fleet->connect(false));
        for (const auto type :
             {findings::FindingType::kVulnerability, findings::FindingType::kPackage}) {
            VMSECURITY_ASSIGN(raw_inserts[type], raw_insert(*writable, type, kReconciled));
        }
    }
    VMSECURITY_ASSIGN(const auto server,
                      ServerProcess::start(arguments.server, fleet->address(), arguments.folder));
    VMSECURITY_ASSIGN(const auto raw, fleet->connect(true));
    MemoryWatch memory(server->process());
    const Session session{.dialect = dialect,
                          .fleet = arguments.fleet,
                          .server = *server,
                          .database = *fleet,
                          .raw = *raw,
                          .report = report,
                          .load_time = arguments.load_time,
                          .raw_inserts = std::move(raw_inserts)};
    measure_lists(session);
    measure_paging(session);
    measure_small_reads(session);
    measure_mixed_load(session);
    measure_reconciliation(session);
    measure_suppression(session);
    report.heading("throughout");
    report.add({.name = "anonymous memory of the server, peak",
                .measured = static_cast<double>(memory.peak_kib()) * 1024 / 1e6,
                .unit = "MB",
                .goal = kMostMemory});
    return {};
}

int main_of(std::span<char*> given) {
    const auto arguments = read_arguments(given);
    if (!arguments) {
        fmt::print(stderr,
                   "script/bench api [--findings N] [--seconds N] [--folder DIR] "
                   "[sqlite|postgresql]\n");
        return 2;
    }
    Report report;
    for (const auto dialect : {sql::Dialect::kSqlite, sql::Dialect::kPostgres}) {
        if (arguments->only && *arguments->only != dialect) continue;
        if (const auto done = measure(*arguments, dialect, report); !done) {
            report.fail("the run", done.error().describe());
        }
    }
    report.note(fmt::format("\n{} missed", report.misses()));
    return report.misses() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vmsecurity::bench

int main(int count, char** arguments) {
    return vmsecurity::bench::main_of({arguments, static_cast<std::size_t>(count)});
}
