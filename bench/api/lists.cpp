#include <fmt/format.h>

#include <functional>

#include "bench/api/http_connection.h"
#include "bench/api/reads.h"
#include "bench/api/session.h"
#include "bench/measure.h"
#include "codec/json.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

constexpr int kWarmUps = 3;
constexpr int kMostRuns = 100;
constexpr int kLeastRuns = 20;
constexpr double kMostMilliseconds = 3000;  // of one read

struct Times {
    std::vector<double> each;
    double cpu = 0;  // of one
};

base::Result<Times> repeat(const Session& session, const std::function<base::Result<void>()>& run) {
    for (int i = 0; i < kWarmUps; ++i) VMSECURITY_TRY(run());
    Times times;
    const double cpu = session.cpu();
    const Stopwatch all;
    for (int i = 0; i < kMostRuns; ++i) {
        if (i >= kLeastRuns && all.milliseconds() > kMostMilliseconds) break;
        const Stopwatch watch;
        VMSECURITY_TRY(run());
        times.each.push_back(watch.milliseconds());
    }
    times.cpu = (session.cpu() - cpu) / static_cast<double>(times.each.size());
    return times;
}

// What an answer holds, to be compared with what raw SQL gives.
struct Amount {
    std::size_t rows = 0;
    std::int64_t count = -1;
    bool operator==(const Amount&) const = default;
};

base::Result<Amount> amount_of(const HttpAnswer& answer, bool counted) {
    if (answer.status != 200) {
        return base::fail(base::ErrorCode::kInternal,
                          fmt::format("status {}: {}", answer.status, answer.body.substr(0, 300)));
    }
    VMSECURITY_ASSIGN(const auto value, codec::parse_json(answer.body));
    const auto& object = value.as_object();
    Amount amount{.rows = object.at("items").as_array().size()};
    if (counted) amount.count = object.at("count").as_int64();
    return amount;
}

base::Result<Amount> run_raw(sql::Database& database, const Read& read) {
    Amount amount;
    VMSECURITY_TRY(database.read(
        [&](sql::Connection& connection) -> base::Result<void> {
            amount = {};
            if (!read.rows.text.empty()) {
                VMSECURITY_TRY(connection.query(read.rows, [&](const sql::Row& row) {
                    amount.rows += row.text(0).empty() ? 0U : 1U;
                    return true;
                }));
            }
            if (!read.count) return {};
            VMSECURITY_ASSIGN(const auto count,
                              sql::query_value<std::int64_t>(connection, read.count->text,
                                                             read.count->parameters));
            amount.count = count.value_or(0);
            return {};
        },
        std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    return amount;
}

base::Result<void> measure(const Session& session, HttpConnection& connection, const Read& read) {
    const std::string target = escape_target(read.target);
    const std::string request = to_text({.target = target});
    Amount amount;
    Amount raw_amount;
    HttpAnswer answer;
    VMSECURITY_ASSIGN(const Times times, repeat(session, [&]() -> base::Result<void> {
                          VMSECURITY_ASSIGN(answer, connection.exchange(request));
                          return {};
                      }));
    VMSECURITY_ASSIGN(amount, amount_of(answer, read.count.has_value()));
    VMSECURITY_ASSIGN(const Times raw_times, repeat(session, [&]() -> base::Result<void> {
                          VMSECURITY_ASSIGN(raw_amount, run_raw(session.raw, read));
                          return {};
                      }));
    if (amount != raw_amount) {
        session.report.fail(
            read.name, fmt::format("{} rows of {}, raw SQL {} of {}", amount.rows, amount.count,
                                   raw_amount.rows, raw_amount.count));
    }
    session.report.add({.name = read.name,
                        .measured = percentile(times.each, 0.95),
                        .goal = read.goal,
                        .raw = percentile(raw_times.each, 0.95),
                        .cpu = times.cpu});
    return {};
}

void measure_all(const Session& session, std::string_view heading, const std::vector<Read>& reads) {
    session.report.heading(heading);
    auto connection = HttpConnection::open(session.server.api());
    if (!connection) return session.report.fail(heading, connection.error().describe());
    for (const Read& read : reads) {
        if (const auto done = measure(session, *connection, read); !done) {
            session.report.fail(read.name, done.error().describe());
        }
    }
}

}  // namespace

void measure_lists(const Session& session) {
    measure_all(session, "the interface's lists, p95", interface_lists(session.dialect));
    measure_all(session, "sorted and filtered otherwise, p95", further_lists(session.dialect));
    measure_all(session, "findings of one asset, p95", findings_of_one_asset());
    measure_all(session, "selective $count, p95", selective_counts(session.fleet));
    measure_all(session, "dashboard, p95", dashboard_counts(session.fleet));
    measure_all(session, "searches in names, p95", name_searches());
}

}  // namespace vmsecurity::bench
