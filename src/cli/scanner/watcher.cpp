#include "cli/scanner/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/identifiers.h"

namespace vmsecurity::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::seconds kAlive{10};
constexpr std::chrono::milliseconds kAttempt{5000};
constexpr int kTickMilliseconds = 100;

std::string_view general_state(const boost::json::object& asset_scan) {
    const auto* status = codec::object_member(asset_scan, "status");
    const auto* general = status == nullptr ? nullptr : codec::object_member(*status, "general");
    return general == nullptr ? std::string_view() : codec::text_member(*general, "state");
}

bool is_refusal(const base::Error& error) {
    return error.code == base::ErrorCode::kPermissionDenied ||
           error.code == base::ErrorCode::kNotFound;
}

}  // namespace

Watcher::Watcher(const sdk::Endpoint& endpoint, std::string asset_scan, int interrupt)
    : endpoint_(endpoint),
      id_(std::move(asset_scan)),
      interrupt_(interrupt),
      cancel_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watcher::~Watcher() {
    finish();
}

void Watcher::finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::optional<Watcher::End> Watcher::end() const {
    const std::lock_guard lock(mutex_);
    return end_;
}

std::string Watcher::detail() const {
    const std::lock_guard lock(mutex_);
    return detail_;
}

void Watcher::show(const scan::ScanProgress& progress) {
    const std::lock_guard lock(mutex_);
    progress_ = progress;
}

void Watcher::end_with(End end, std::string detail) {
    {
        const std::lock_guard lock(mutex_);
        end_ = end;
        detail_ = std::move(detail);
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(cancel_.get(), &one, sizeof(one));
    ended_.request_stop();
}

void Watcher::run(const std::stop_token& stop) {
    net::ClientOptions options = sdk::client_options(endpoint_);
    options.attempts = 1;
    options.total_timeout = options.connect_timeout = kAttempt;
    sdk::ApiClient client(options);
    client.set_stop(stop);
    auto next_look = Clock::now() + kLook;
    auto next_alive = Clock::now();
    while (!stop.stop_requested() && !end()) {
        pollfd polled{interrupt_, POLLIN, 0};
        if (::poll(&polled, 1, kTickMilliseconds) > 0) {
            end_with(End::kInterrupted, "interrupted by a signal");
            return;
        }
        if (const auto now = Clock::now(); now >= next_look) {
            next_look = now + kLook;
            look(client);
        } else if (begun_ && now >= next_alive) {
            next_alive = now + kAlive;
            say_alive(client);
        }
    }
}

void Watcher::look(sdk::ApiClient& client) {
    const auto asset_scan = client.get("assetScans", id_, "id,status/general");
    if (!asset_scan) {
        if (is_refusal(asset_scan.error())) {
            end_with(End::kRefused, asset_scan.error().describe());
        }
        return;
    }
    if (general_state(*asset_scan) == "Aborted") end_with(End::kAborted, "aborted");
}

void Watcher::say_alive(sdk::ApiClient& client) {
    boost::json::object change{
        {"heartbeatTime", base::format_time(std::chrono::system_clock::now())}};
    {
        const std::lock_guard lock(mutex_);
        if (progress_) {
            const scan::Statistics& so_far = progress_->so_far;
            boost::json::object progress{{"files", so_far.files_read},
                                         {"bytes", so_far.bytes_read},
                                         {"directories", so_far.directories}};
            if (progress_->expected_entries > 0) {
                progress["percent"] = std::min<std::uint64_t>(
                    100, so_far.entries * 100 / progress_->expected_entries);
            }
            change["progress"] = std::move(progress);
        }
    }
    // Whether that is refused is seen by look().
    (void)client.patch("assetScans", id_, change);
}

}  // namespace vmsecurity::cli
