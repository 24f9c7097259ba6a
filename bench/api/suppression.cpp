#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "bench/api/http_connection.h"
#include "bench/api/session.h"
#include "bench/measure.h"
#include "sql/query.h"

namespace vmsecurity::bench {
namespace {

constexpr double kMostWait = 1000;  // of another writer meanwhile
constexpr std::string_view kSuppression =
    R"({"reason":"benchmark","filter":"findingInfo/objectType eq 'Vulnerability' and findingInfo/severity eq 'LOW'"})";

// Small writes, one after the other, until it is stopped.
class Writer {
  public:
    explicit Writer(const std::string& address)
        : thread_([this, address](const std::stop_token& stopped) {
              auto connection = HttpConnection::open(address);
              for (int i = 0; !stopped.stop_requested() && connection; ++i) {
                  const std::string body =
                      fmt::format(R"({{"annotations":[{{"key":"bench","value":"w{}"}}]}})", i);
                  const Stopwatch watch;
                  const auto answer = connection->exchange(
                      to_text({.method = "PATCH",
                               .target = fmt::format("/assets/{}", asset_id(i % 100)),
                               .body = body,
                               .content_type = "application/json"}));
                  if (!answer || answer->status != 200) return;
                  times_.push_back(watch.milliseconds());
              }
          }) {}

    std::vector<double> stop() {
        thread_.request_stop();
        thread_.join();
        return times_;
    }

  private:
    std::vector<double> times_;
    std::jthread thread_;
};

base::Result<std::int64_t> suppressed(const Session& session) {
    std::int64_t count = 0;
    VMSECURITY_TRY(session.raw.read(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(const auto found,
                              sql::query_value<std::int64_t>(
                                  connection,
                                  "SELECT count(*) FROM finding_rows WHERE suppressed_by IS NOT "
                                  "NULL"));
            count = found.value_or(0);
            return {};
        },
        std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    return count;
}

base::Result<bool> is_settled(const Session& session) {
    bool settled = false;
    VMSECURITY_TRY(session.raw.read(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(
                const auto open,
                sql::query_value<std::int64_t>(
                    connection,
                    "SELECT count(*) FROM suppressions AS s LEFT JOIN suppression_states AS a ON "
                    "a.suppression_id = s.id WHERE a.revision IS NULL OR a.revision <> "
                    "s.revision"));
            settled = open == 0;
            return {};
        },
        std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    return settled;
}

base::Result<void> measure(const Session& session) {
    VMSECURITY_ASSIGN(HttpConnection connection, HttpConnection::open(session.server.api()));
    Writer writer(session.server.api());
    const double cpu = session.cpu();
    const Stopwatch watch;
    VMSECURITY_ASSIGN(const HttpAnswer answer,
                      connection.exchange(to_text({.method = "POST",
                                                   .target = "/suppressions",
                                                   .body = kSuppression,
                                                   .content_type = "application/json"})));
    const double answered = watch.milliseconds();
    if (answer.status != 201) {
        return base::fail(base::ErrorCode::kInternal, answer.body.substr(0, 300));
    }
    for (bool settled = false; !settled && watch.milliseconds() < 300'000;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        VMSECURITY_ASSIGN(settled, is_settled(session));
    }
    const double settled = watch.milliseconds();
    const double used = session.cpu() - cpu;
    const auto times = writer.stop();
    VMSECURITY_ASSIGN(const std::int64_t count, suppressed(session));
    session.report.add({.name = "POST /suppressions, answered", .measured = answered});
    session.report.add(
        {.name = fmt::format("settled, {} findings", count), .measured = settled, .cpu = used});
    session.report.add({.name = fmt::format("{} PATCHes meanwhile, slowest", times.size()),
                        .measured = percentile(times, 1),
                        .goal = kMostWait});
    session.report.add({.name = "PATCHes meanwhile, p50", .measured = percentile(times, 0.5)});
    return {};
}

}  // namespace

void measure_suppression(const Session& session) {
    session.report.heading("a suppression of all LOW vulnerabilities");
    if (const auto done = measure(session); !done) {
        session.report.fail("suppression", done.error().describe());
    }
}

}  // namespace vmsecurity::bench
