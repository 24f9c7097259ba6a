#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "bench/api/fleet_database.h"
#include "bench/measure.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/sql/statements.h"
#include "sql/query.h"
#include "store/findings/query_rules.h"

// The queries of dashboards and lists at the store's level, without HTTP: api_store FOLDER
// [sqlite|postgres [explain]]. FOLDER is that of script/bench api, which adds the server.
namespace vmsecurity::bench {
namespace {

using findings::FindingType;
using model::schema::Collection;

struct Runner {
    sql::Database& database;
    bool sqlite;
    bool explain;

    auto later() const { return std::chrono::steady_clock::now() + std::chrono::minutes(2); }

    void report(std::string_view what, double goal, std::vector<double> times,
                std::string_view note = {}) const {
        std::ranges::sort(times);
        const double p95 = times[std::min(times.size() - 1, times.size() * 95 / 100)];
        fmt::print("{:<9} {:<46} {:>9.2f} ms  goal {:>6.0f} ms  {} {}\n",
                   sqlite ? "sqlite" : "postgres", what, p95, goal, p95 <= goal ? "ok  " : "MISS",
                   note);
        std::fflush(stdout);
    }

    void read(std::string_view what, double goal, const sql::Database::Work& work,
              int runs = 20) const {
        std::vector<double> times;
        for (int i = 0; i <= runs; ++i) {
            const Stopwatch watch;
            if (const auto result = database.read(work, later()); !result) {
                fmt::print("{}: {}\n", what, result.error().describe());
                return;
            }
            if (i > 0) times.push_back(watch.milliseconds());  // the first one fills caches
        }
        report(what, goal, std::move(times));
    }

    // As the API answers it: rows of the page, the assets of $expand, the count.
    void list(std::string_view what, double goal, const Collection& collection,
              const std::string& filter, const std::string& orderby, bool count = true) const {
        odata::QueryText text;
        if (!filter.empty()) text.filter = filter;
        if (!orderby.empty()) text.orderby = orderby;
        text.count = "true";
        text.top = "50";
        const auto query = odata::read_query(collection, text, {});
        if (!query) {
            fmt::print("{}: {}\n", what, query.error().describe());
            return;
        }
        const odata::sql::Settings settings{.dialect = database.dialect(),
                                            .rules = store::finding_rules()};
        const auto statement = odata::sql::list_statement(*query, settings);
        const auto counting = odata::sql::count_statement(*query, settings);
        if (!statement || !counting) {
            fmt::print("{}: {}\n", what, statement.error().describe());
            return;
        }
        if (explain) show_plan(what, *statement);
        std::size_t rows = 0;
        std::int64_t total = -1;
        read(what, goal, [&](sql::Connection& connection) -> base::Result<void> {
            std::set<std::string> assets;
            rows = 0;
            VMSECURITY_TRY(connection.query(*statement, [&](const sql::Row& row) {
                const auto document = row.text(1);
                const auto at = document.find("{\"id\":\"");
                assets.emplace(document.substr(at + 7, 12));
                ++rows;
                return true;
            }));
            for (const std::string& asset : assets) {
                VMSECURITY_TRY(sql::query_value<std::string>(
                    connection, "SELECT document FROM assets WHERE id = $1", sql::bind(asset)));
            }
            if (!count) return {};
            VMSECURITY_ASSIGN(const auto known, store::known_finding_count(connection, *query));
            if (known) {
                total = *known;
                return {};
            }
            return connection.query(*counting, [&](const sql::Row& row) {
                total = row.integer(0);
                return true;
            });
        });
        fmt::print("{:>56} rows, {} in all\n", rows, total);
    }

    void show_plan(std::string_view what, const sql::Statement& statement) const {
        const std::string text =
            (sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN (ANALYZE, BUFFERS) ") + statement.text;
        fmt::print("-- {}\n-- {}\n", what, statement.text);
        const auto result = database.read(
            [&](sql::Connection& connection) {
                return connection.query(text, statement.parameters, [&](const sql::Row& row) {
                    fmt::print("--   {}\n", row.text(sqlite ? 3 : 0));
                    return true;
                });
            },
            later());
        if (!result) fmt::print("{}\n", result.error().describe());
    }

    void sql_read(std::string_view what, double goal, const std::string& text,
                  std::vector<sql::Value> parameters = {}) const {
        if (explain) show_plan(what, {text, parameters});
        read(what, goal, [&](sql::Connection& connection) {
            return connection.query(text, parameters, [](const sql::Row&) { return true; });
        });
    }
};

void lists(const Runner& runner) {
    const auto& findings = model::api::kFindingsCollection;
    const double goal = runner.sqlite ? 10 : 20;
    const auto valid = [](std::string_view type) {
        return fmt::format("(findingInfo.objectType eq '{}') and invalidatedOn eq null", type);
    };
    for (const auto type : {FindingType::kVulnerability, FindingType::kExploit,
                            FindingType::kMisconfiguration, FindingType::kSecret,
                            FindingType::kMalware, FindingType::kRootkit, FindingType::kPackage}) {
        runner.list(fmt::format("{}, newest first", to_string(type)), goal, findings,
                    valid(to_string(type)), "foundOn desc");
    }
    const std::string base = valid("Vulnerability");
    runner.list("Vulnerability, by severity", goal, findings, base, "findingInfo/severity desc");
    runner.list("Vulnerability, by name", goal, findings, base, "findingInfo/vulnerabilityName");
    runner.list("Vulnerability, CRITICAL alone", goal, findings,
                base + " and findingInfo/severity eq 'CRITICAL'", "foundOn desc");
    runner.list("Vulnerability of one asset", 10, findings,
                base + " and asset/id eq 'asset-000050'", "foundOn desc");
    runner.list("contains, many match", 200, findings,
                base + " and contains(findingInfo/vulnerabilityName,'CVE-2019')", "foundOn desc");
    runner.list("contains, few match", 200, findings,
                base + " and contains(findingInfo/vulnerabilityName,'-9876')", "foundOn desc");
    runner.list("contains, none match", 200, findings,
                base + " and contains(findingInfo/vulnerabilityName,'nothing')", "foundOn desc");
    runner.list("contains in package names", 200, findings,
                valid("Package") + " and contains(findingInfo/name,'ssl')", "foundOn desc");
    runner.list("with history", goal, findings, "findingInfo.objectType eq 'Vulnerability'",
                "foundOn desc");
    runner.list("of an asset scan", goal, findings,
                valid("Vulnerability") + " and foundBy/id eq 'asset-scan-50-0'", "foundOn desc");
    runner.list("of a scan of all", 50, findings,
                valid("Vulnerability") + " and foundBy/scan/id eq 'scan-1'", "foundOn desc", false);
    runner.list("by lastSeen of one asset", goal, findings,
                base + " and asset/id eq 'asset-000050'", "lastSeen desc");
    runner.list("all types, one asset", goal, findings, "asset/id eq 'asset-000050'",
                "foundOn desc");
    runner.list("selective count: package", 50, findings,
                base + " and findingInfo/package/name eq 'libssl98'", "foundOn desc");
    runner.list("selective count: asset region", 50, findings,
                valid("Malware") + " and asset/assetInfo/location eq 'eu-west-1/vpc-3'",
                "foundOn desc");
    runner.list("all findings", goal, findings, "", "");
    runner.list("riskiest assets", 50, model::api::kAssetsCollection,
                "terminatedOn eq null and summary/totalPackages gt 0", "summary/totalPackages desc",
                false);
}

void dashboards(const Runner& runner) {
    const auto& impacts = model::api::kFindingImpactsCollection;
    runner.list("impact of packages", 50, impacts, "findingType eq 'Package'",
                "affectedAssets desc", false);
    runner.list("impact of vulnerabilities", 50, impacts, "findingType eq 'Vulnerability'",
                "severity desc,affectedAssets desc", false);
    runner.read(
        "trends: 70 counts, exact", 50, [](sql::Connection& connection) -> base::Result<void> {
            const FleetOptions options;
            std::vector<std::int64_t> times;
            for (std::int64_t i = 1; i <= 10; ++i) {
                times.push_back(options.first_scan + i * 20 * 86'400 * std::int64_t{1'000'000'000} +
                                7);
            }
            for (std::size_t i = 0; i + 1 < findings::kFindingTypeCount; ++i) {
                VMSECURITY_TRY(store::findings_at(connection, findings::kFindingTypes[i], times));
            }
            return {};
        });
    runner.sql_read("regions: sums of the assets' summaries", 50,
                    "SELECT location, sum(total_packages), sum(total_secrets), "
                    "sum(total_critical_vulnerabilities + total_high_vulnerabilities) FROM assets "
                    "WHERE terminated_on IS NULL GROUP BY location");
}

void reconcile(const Runner& runner) {
    const FleetOptions options;
    struct Step {
        std::string_view what;
        double goal;
        std::int64_t time;
        int round;
    };
    const std::int64_t start = options.first_scan + std::int64_t{400} * 86'400'000'000'000;
    for (const FindingType type : {FindingType::kVulnerability, FindingType::kPackage}) {
        // Some 20,000 findings of an asset that is new each time.
        const std::string asset = fmt::format("bench-{}-{}", to_string(type), ::time(nullptr));
        auto all = observe(options, 50, type, 0, 92);
        all.resize(std::min<std::size_t>(all.size(), 20'000));
        const auto changed = [&](std::size_t from, std::size_t to) {
            return std::vector(all.begin() + static_cast<std::ptrdiff_t>(from),
                               all.begin() + static_cast<std::ptrdiff_t>(to));
        };
        const auto run = [&](std::string_view what, double goal, std::int64_t time,
                             std::vector<findings::ObservedFinding> seen) {
            store::ReconcileResult result;
            const store::Observation observation{.asset_scan_id = fmt::format("{}-{}", asset, time),
                                                 .asset_id = asset,
                                                 .scan_id = {},
                                                 .type = type,
                                                 .observed_on = time,
                                                 .coverage = {{"", "", true}}};
            const Stopwatch watch;
            const auto done = runner.database.write_large(
                [&](sql::Connection& connection) -> base::Result<void> {
                    auto copy = seen;
                    VMSECURITY_ASSIGN(result,
                                      store::reconcile_findings(connection, observation, copy));
                    return {};
                },
                runner.later());
            if (!done) fmt::print("{}\n", done.error().describe());
            runner.report(fmt::format("reconcile {}: {}", to_string(type), what), goal,
                          {watch.milliseconds()},
                          fmt::format("+{} ={} ~{} -{}", result.added, result.kept, result.changed,
                                      result.invalidated));
        };
        const std::size_t size = all.size();
        run("all new", 1000, start, all);
        run("the same again", 500, start, all);
        run("next scan, nothing changed", 500, start + 1'000'000'000, all);
        run("next scan, 5 % others", 500, start + 2'000'000'000, changed(size / 20, size));
        run("next scan, back again", 500, start + 3'000'000'000, all);
        auto other_words = all;
        for (auto& finding : other_words) finding.info["description"] = "says something else";
        run("next scan, all say something else", 1000, start + 4'000'000'000, other_words);
        run("next scan, all gone", 1000, start + 5'000'000'000, {});
        run("late scan of all", 1000, start - 1'000'000'000, all);
    }
}

int main_of(int count, char** arguments) {
    if (count < 2) {
        fmt::print("api_store FOLDER [sqlite|postgres [explain]]\n");
        return 2;
    }
    const std::string only = count > 2 ? arguments[2] : "";
    for (const auto dialect : {sql::Dialect::kSqlite, sql::Dialect::kPostgres}) {
        const bool sqlite = dialect == sql::Dialect::kSqlite;
        if (!only.empty() && (only == "sqlite") != sqlite) continue;
        const Stopwatch watch;
        const auto fleet = FleetDatabase::open(dialect, arguments[1], {});
        if (!fleet) {
            fmt::print("{}\n", fleet.error().describe());
            return 1;
        }
        const auto database = (*fleet)->connect(false);
        if (!database) {
            fmt::print("{}\n", database.error().describe());
            return 1;
        }
        fmt::print("open: {:.1f} s\n", watch.milliseconds() / 1000);
        const Runner runner{**database, sqlite, count > 3};
        lists(runner);
        dashboards(runner);
        reconcile(runner);
        fmt::print("anonymous memory: {} MiB\n", anonymous_kib() / 1024);
    }
    return 0;
}

}  // namespace
}  // namespace vmsecurity::bench

int main(int count, char** arguments) {
    return vmsecurity::bench::main_of(count, arguments);
}
