#include "net/server/body_pipe.h"

#include <utility>

namespace vmsecurity::net {

using base::ErrorCode;

void InboundPipe::push(std::string bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes_.empty()) {
        bytes_ = std::move(bytes);
    } else {
        bytes_ += bytes;
    }
    changed_.notify_one();
}

bool InboundPipe::has_room() const {
    const std::lock_guard lock(mutex_);
    return bytes_.size() < capacity_;
}

void InboundPipe::end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
}

void InboundPipe::fail(base::Error error) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    error_ = std::move(error);
    changed_.notify_one();
}

bool InboundPipe::is_wanted() const {
    const std::lock_guard lock(mutex_);
    return wanted_;
}

bool InboundPipe::want() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(wanted_, true);
}

base::Result<InboundPipe::Taken> InboundPipe::pop(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    const bool ready =
        changed_.wait_until(lock, deadline, [this] { return ended_ || !bytes_.empty(); });
    if (!ready) {
        return base::fail(ErrorCode::kLimitExceeded, "the body did not arrive in time");
    }
    if (bytes_.empty() && error_) return base::fail(*error_);
    Taken taken;
    taken.made_room = bytes_.size() >= capacity_;
    taken.bytes = std::exchange(bytes_, {});
    return taken;
}

base::Result<void> OutboundPipe::push(std::string_view bytes,
                                      std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    const bool ready = changed_.wait_until(
        lock, deadline, [this] { return cancelled_ || bytes_.size() < capacity_; });
    if (!ready) {
        return base::fail(ErrorCode::kLimitExceeded, "the client did not take the answer in time");
    }
    if (cancelled_) return base::fail(ErrorCode::kCancelled, "the client is gone");
    bytes_ += bytes;
    return {};
}

void OutboundPipe::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_one();
}

std::string OutboundPipe::take() {
    const std::lock_guard lock(mutex_);
    changed_.notify_one();
    return std::exchange(bytes_, {});
}

}  // namespace vmsecurity::net
