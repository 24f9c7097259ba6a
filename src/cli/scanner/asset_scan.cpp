#include "cli/scanner/asset_scan.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

#include "base/identifiers.h"
#include "sdk/query.h"

namespace vmsecurity::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstDelay{200};
constexpr std::chrono::milliseconds kMaxDelay{10'000};
// The server reconciles the findings before it answers.
constexpr std::chrono::milliseconds kAttempt{120'000};

net::ClientOptions options_for(const sdk::Endpoint& endpoint) {
    net::ClientOptions options = sdk::client_options(endpoint);
    options.attempts = 1;  // persist() has the patience
    options.total_timeout = kAttempt;
    return options;
}

bool may_pass(const base::Error& error) {
    return error.code == base::ErrorCode::kUnavailable ||
           error.code == base::ErrorCode::kInternal || error.code == base::ErrorCode::kCorrupt ||
           error.code == base::ErrorCode::kTruncated;
}

// False: stopped.
bool wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

}  // namespace

AssetScan::AssetScan(const sdk::Endpoint& endpoint, std::string id,
                     std::chrono::milliseconds patience)
    : client_(options_for(endpoint)), id_(std::move(id)), patience_(patience) {}

void AssetScan::set_stop(std::stop_token stop) {
    client_.set_stop(stop);
    stop_ = std::move(stop);
}

template <typename Attempt>
auto AssetScan::persist(Attempt attempt) -> decltype(attempt()) {
    std::minstd_rand random{std::random_device{}()};
    const auto end = Clock::now() + patience_;
    std::chrono::milliseconds bound = kFirstDelay;
    for (;;) {
        auto result = attempt();
        if (result || !may_pass(result.error())) return result;
        std::uniform_int_distribution<std::int64_t> anywhere(bound.count() / 2, bound.count());
        const std::chrono::milliseconds delay(anywhere(random));
        const bool late = Clock::now() + delay >= end ||
                          (deadline_ && std::chrono::system_clock::now() + delay >= *deadline_);
        if (late || !wait(delay, stop_)) return result;
        bound = std::min(bound * 2, kMaxDelay);
    }
}

base::Result<boost::json::object> AssetScan::read(std::string_view select) {
    return persist([&] { return client_.get("assetScans", id_, select); });
}

base::Result<void> AssetScan::change(const boost::json::object& patch) {
    return persist([&]() -> base::Result<void> {
        VMSECURITY_TRY(client_.patch("assetScans", id_, patch));
        return {};
    });
}

base::Result<void> AssetScan::put_results(std::string_view family, const std::string& results) {
    return persist([&]() -> base::Result<void> {
        net::ClientRequest request;
        request.method = net::Method::kPut;
        request.target =
            "/assetScans/" + sdk::escape_segment(id_) + "/results/" + std::string(family);
        request.headers.set("Content-Encoding", "zstd");
        request.body = results;
        VMSECURITY_TRY(client_.send(std::move(request)));
        return {};
    });
}

boost::json::object state_object(std::string_view state, const std::vector<std::string>& errors) {
    boost::json::object object{
        {"state", state},
        {"lastTransitionTime", base::format_time(std::chrono::system_clock::now())}};
    object["errors"] = boost::json::array(errors.begin(), errors.end());
    return object;
}

}  // namespace vmsecurity::cli
