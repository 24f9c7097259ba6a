#include "apiserver/housekeeper.h"

#include "apiserver/system/retention.h"
#include "base/log.h"
#include "store/settle_suppressions.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kPingTime{2};
constexpr std::chrono::minutes kSuppressionTime{1};

}  // namespace

Housekeeper::Housekeeper(store::Store& store, std::chrono::milliseconds retention_interval)
    : store_(store),
      retention_interval_(retention_interval),
      next_retention_(std::chrono::steady_clock::now() + retention_interval) {}

Housekeeper::~Housekeeper() {
    stop();
}

void Housekeeper::start() {
    thread_ = std::thread([this] { run(); });
    suppressions_thread_ = std::thread([this] { run_suppressions(); });
}

void Housekeeper::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    condition_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (suppressions_thread_.joinable()) suppressions_thread_.join();
}

std::string Housekeeper::fault() const {
    const std::lock_guard lock(mutex_);
    return fault_;
}

bool Housekeeper::wait_for_next_look() {
    std::unique_lock lock(mutex_);
    return !condition_.wait_for(lock, kLookEvery, [this] { return stopping_; });
}

void Housekeeper::run_suppressions() {
    do {
        const auto deadline = std::chrono::steady_clock::now() + kSuppressionTime;
        if (auto done = store::settle_suppressions(store_, deadline); !done) {
            base::log::debug("suppressions: {}", done.error().describe());
        }
    } while (wait_for_next_look());
}

void Housekeeper::run() {
    do {
        look_at_database();
        if (std::chrono::steady_clock::now() >= next_retention_) {
            delete_old();
            next_retention_ = std::chrono::steady_clock::now() + retention_interval_;
        }
    } while (wait_for_next_look());
}

void Housekeeper::look_at_database() {
    const auto answer = store_.database().ping(std::chrono::steady_clock::now() + kPingTime);
    std::string fault = answer ? std::string{} : answer.error().message;
    const std::lock_guard lock(mutex_);
    if (fault.empty() != fault_.empty()) {
        if (fault.empty()) {
            base::log::info("the database answers again");
        } else {
            base::log::error("the database does not answer: {}", answer.error().describe());
        }
    }
    fault_ = std::move(fault);
}

void Housekeeper::delete_old() {
    if (auto done = run_retention(store_); !done) {
        base::log::warning("retention: {}", done.error().describe());
    }
}

}  // namespace vmsecurity::apiserver
