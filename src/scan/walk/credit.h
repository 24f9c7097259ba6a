#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace vmsecurity::scan::walk {

// Bounds the bytes of content that are under way between the walk and the content workers: a reader
// reserves before it reads, the supervisor gives back what has been analysed.
class CreditAccount {
  public:
    explicit CreditAccount(std::uint64_t bytes) : limit_(bytes) {}

    // Waits until `bytes` fit. A file larger than the whole account waits until nothing else is
    // under way, and then passes alone. False if close() was called.
    bool reserve(std::uint64_t bytes) {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.wait(lock, [&] { return closed_ || used_ == 0 || used_ + bytes <= limit_; });
        --waiting_;
        if (closed_) return false;
        used_ += bytes;
        return true;
    }
    void give_back(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        used_ -= bytes < used_ ? bytes : used_;
        changed_.notify_all();
    }
    // Wakes every waiter for good.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }
    bool somebody_waits() const {
        const std::lock_guard lock(mutex_);
        return waiting_ > 0;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t limit_;
    std::uint64_t used_ = 0;
    int waiting_ = 0;
    bool closed_ = false;
};

}  // namespace vmsecurity::scan::walk
