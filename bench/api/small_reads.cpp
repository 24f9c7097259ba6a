#include <fmt/format.h>

#include <random>

#include "bench/api/http_connection.h"
#include "bench/api/load.h"
#include "bench/api/session.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

constexpr std::size_t kClients = 32;
constexpr double kGoal = 10'000;  // a second
constexpr std::size_t kObjects = 2000;

struct Kind {
    std::string_view list;
    std::string_view table;
};

base::Result<std::vector<std::string>> some_ids(const Session& session, const Kind& kind) {
    std::vector<std::string> ids;
    VMSECURITY_TRY(session.raw.read(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(ids,
                              sql::query_column<std::string>(
                                  connection, fmt::format("SELECT id FROM {} ORDER BY id LIMIT {}",
                                                          kind.table, kObjects)));
            return {};
        },
        std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    return ids;
}

// Documents that one thread reads by id in a second, with all of them in one snapshot.
base::Result<double> raw_rate(const Session& session, const Kind& kind,
                              const std::vector<std::string>& ids) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::seconds(1);
    double reads = 0;
    const std::string text = fmt::format("SELECT document FROM {} WHERE id = $1", kind.table);
    VMSECURITY_TRY(session.raw.read(
        [&](sql::Connection& connection) -> base::Result<void> {
            while (Clock::now() < end) {
                for (const std::string& id : ids) {
                    VMSECURITY_TRY(sql::query_value<std::string>(connection, text, sql::bind(id)));
                }
                reads += static_cast<double>(ids.size());
            }
            return {};
        },
        end + std::chrono::minutes(1)));
    return reads / std::chrono::duration<double>(Clock::now() - begin).count();
}

base::Result<void> measure(const Session& session, const Kind& kind) {
    VMSECURITY_ASSIGN(const auto ids, some_ids(session, kind));
    std::vector<std::string> requests;
    for (const std::string& id : ids) {
        requests.push_back(to_text({.target = fmt::format("/{}/{}", kind.list, id)}));
    }
    std::mt19937_64 random(7);
    const auto next = [&](std::size_t) -> const std::string& {
        return requests[random() % requests.size()];
    };
    VMSECURITY_TRY(run_load(session.server.api(), kClients, std::chrono::seconds(1), next));
    const double cpu = session.cpu();
    VMSECURITY_ASSIGN(const LoadResult load,
                      run_load(session.server.api(), kClients, session.load_time, next));
    const double used = session.cpu() - cpu;
    const auto count = static_cast<double>(load.milliseconds.size());
    if (load.refused > 0) session.report.fail(kind.list, load.first_refusal);
    VMSECURITY_ASSIGN(const double raw, raw_rate(session, kind, ids));
    session.report.add({.name = fmt::format("GET /{}/ID", kind.list),
                        .measured = count / load.seconds,
                        .unit = "/s",
                        .goal = kGoal,
                        .at_least = true,
                        .raw = raw,
                        .cpu = used / count});
    session.report.add({.name = "  latency, p50", .measured = percentile(load.milliseconds, 0.5)});
    session.report.add({.name = "  latency, p99", .measured = percentile(load.milliseconds, 0.99)});
    return {};
}

}  // namespace

void measure_small_reads(const Session& session) {
    session.report.heading(fmt::format("small GETs, {} clients on the same processors", kClients));
    for (const Kind& kind : {Kind{"assets", "assets"}, Kind{"findings", "findings"}}) {
        if (const auto done = measure(session, kind); !done) {
            session.report.fail(kind.list, done.error().describe());
        }
    }
}

}  // namespace vmsecurity::bench
