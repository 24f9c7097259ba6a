#include <fmt/format.h>

#include <atomic>
#include <random>
#include <thread>

#include "bench/api/http_connection.h"
#include "bench/api/load.h"
#include "bench/api/reads.h"
#include "bench/api/session.h"
#include "bench/measure.h"

namespace vmsecurity::bench {
namespace {

constexpr std::size_t kClients = 64;
constexpr std::chrono::milliseconds kProbeEvery{50};

// Asks whether the server is alive and ready, again and again.
class HealthProbe {
  public:
    explicit HealthProbe(const Session& session)
        : thread_([this, address = session.server.health()](const std::stop_token& stopped) {
              auto connection = HttpConnection::open(address);
              const std::string live = to_text({.target = "/healthz/live"});
              const std::string ready = to_text({.target = "/healthz/ready"});
              for (bool odd = false; !stopped.stop_requested() && connection; odd = !odd) {
                  const Stopwatch watch;
                  const auto answer = connection->exchange(odd ? live : ready);
                  if (!answer || answer->status != 200) ++failed_;
                  times_.push_back(watch.milliseconds());
                  std::this_thread::sleep_for(kProbeEvery);
              }
          }) {}

    std::vector<double> stop() {
        thread_.request_stop();
        thread_.join();
        return times_;
    }
    std::size_t failed() const { return failed_; }

  private:
    std::vector<double> times_;
    std::atomic<std::size_t> failed_ = 0;
    std::jthread thread_;
};

// Each of the reads that are measured alone, and one asset in ten of all requests.
class Mixture {
  public:
    explicit Mixture(const Session& session) : assets_(session.fleet.assets) {
        for (const auto& reads :
             {interface_lists(session.dialect), findings_of_one_asset(),
              selective_counts(session.fleet), dashboard_counts(session.fleet), name_searches()}) {
            for (const Read& read : reads) {
                reads_.push_back(to_text({.target = escape_target(read.target)}));
            }
        }
    }

    const std::string& next() {
        if (random_() % 10 != 0) return reads_[random_() % reads_.size()];
        const auto asset = static_cast<std::int64_t>(random_() % 1000) % assets_;
        const std::string body =
            fmt::format(R"({{"annotations":[{{"key":"bench","value":"{}"}}]}})", ++patches_);
        patch_ = to_text({.method = "PATCH",
                          .target = fmt::format("/assets/{}", asset_id(asset)),
                          .body = body,
                          .content_type = "application/json"});
        return patch_;
    }

  private:
    std::int64_t assets_;
    std::vector<std::string> reads_;
    std::mt19937_64 random_{11};
    std::int64_t patches_ = 0;
    std::string patch_;
};

base::Result<void> measure(const Session& session) {
    Mixture mixture(session);
    const auto next = [&](std::size_t) -> const std::string& { return mixture.next(); };
    VMSECURITY_TRY(run_load(session.server.api(), kClients, std::chrono::seconds(2), next));
    HealthProbe probe(session);
    const double cpu = session.cpu();
    VMSECURITY_ASSIGN(const LoadResult load,
                      run_load(session.server.api(), kClients, session.load_time, next));
    const double used = session.cpu() - cpu;
    const auto probes = probe.stop();
    if (probe.failed() > 0) session.report.fail("health probes", "answered other than 200");
    if (load.refused > 0) session.report.fail("requests under load", load.first_refusal);
    const auto count = static_cast<double>(load.milliseconds.size());
    const double p50 = percentile(load.milliseconds, 0.5);
    session.report.add({.name = "requests a second",
                        .measured = count / load.seconds,
                        .unit = "/s",
                        .cpu = used / count});
    session.report.add({.name = "p50", .measured = p50});
    session.report.add({.name = "p99 (goal: 10 times p50)",
                        .measured = percentile(load.milliseconds, 0.99),
                        .goal = 10 * p50});
    session.report.add(
        {.name = "health probes, slowest", .measured = percentile(probes, 1), .goal = 50});
    session.report.add({.name = "health probes, p50", .measured = percentile(probes, 0.5)});
    return {};
}

}  // namespace

void measure_mixed_load(const Session& session) {
    session.report.heading(
        fmt::format("{} clients, 90 % of the reads above, 10 % PATCH", kClients));
    if (const auto done = measure(session); !done) {
        session.report.fail("mixed load", done.error().describe());
    }
}

}  // namespace vmsecurity::bench
