#include "advisoryserver/builder.h"

#include <algorithm>

#include "base/log.h"
#include "schedule/next_run.h"

namespace vmsecurity::advisoryserver {

namespace {

constexpr std::chrono::seconds kFirstRetry{60};
constexpr unsigned kMostDoublings = 6;          // about an hour
constexpr std::chrono::seconds kLookEvery{10};  // so that a clock that jumps is seen

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

std::optional<std::chrono::sys_seconds> next_build(const Options& options,
                                                   std::chrono::sys_seconds last,
                                                   unsigned failures) {
    const auto planned = schedule::next_run(*options.schedule, options.zone, last);
    if (failures == 0) return planned;
    const auto again = last + kFirstRetry * (1U << std::min(failures - 1, kMostDoublings));
    return planned ? std::min(*planned, again) : again;
}

base::Result<void> Builder::start() {
    VMSECURITY_ASSIGN(directory_, DataDirectory::open(options_.data_directory));
    auto file = open_advisory_file(options_.build_program, directory_->published(),
                                   options_.build_time, stop_);
    if (file) {
        state_.file = *std::move(file);
        state_.next = next_build(options_, std::min(state_.file->built, now()), 0);
    } else {
        if (file.error().code != base::ErrorCode::kNotFound) {
            base::log::error("the advisory file cannot be used and is built anew: {}",
                             file.error().describe());
        }
        state_.next = now();
    }
    thread_ = std::thread([this] { run(); });
    return {};
}

void Builder::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.set();
    condition_.notify_all();
    if (thread_.joinable()) thread_.join();
}

BuildState Builder::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void Builder::run() {
    while (wait_until_due()) build();
}

bool Builder::wait_until_due() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto time = now();
        if (state_.next && *state_.next <= time) return true;
        // A clock that was set back must not put the next build off.
        const auto planned = schedule::next_run(*options_.schedule, options_.zone, time);
        if (planned && state_.next) state_.next = std::min(*state_.next, *planned);
        auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(kLookEvery);
        if (state_.next) {
            const auto left = *state_.next - std::chrono::system_clock::now();
            pause = std::min(pause, std::chrono::ceil<std::chrono::milliseconds>(left));
        }
        condition_.wait_for(lock, pause, [this] { return stopping_; });
    }
    return false;
}

void Builder::build() {
    {
        const std::lock_guard lock(mutex_);
        state_.building = true;
    }
    base::log::info("building the advisory file");
    auto built = build_file();
    const std::lock_guard lock(mutex_);
    state_.building = false;
    if (stopping_) return;
    if (built) {
        failures_ = 0;
        ++state_.succeeded;
        state_.file = *std::move(built);
        state_.last_success = now();
        state_.error.clear();
        base::log::info("the advisory file has {} records", state_.file->records);
    } else {
        ++failures_;
        ++state_.failed;
        state_.error = built.error().message;
        base::log::error("the advisory file cannot be built: {}", built.error().describe());
    }
    state_.next = next_build(options_, now(), failures_);
}

base::Result<std::shared_ptr<const AdvisoryFile>> Builder::build_file() const {
    VMSECURITY_TRY(directory_->clear_building());
    std::vector<std::string> arguments = {"build", "--output", directory_->candidate()};
    if (options_.demo) arguments.emplace_back("--demo");
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), options_.feeds.begin(), options_.feeds.end());
    VMSECURITY_TRY(run_child(options_.build_program, arguments, options_.build_time, stop_));
    VMSECURITY_ASSIGN(auto file, open_advisory_file(options_.build_program, directory_->candidate(),
                                                    options_.build_time, stop_));
    VMSECURITY_TRY(directory_->publish());
    return file;
}

}  // namespace vmsecurity::advisoryserver
