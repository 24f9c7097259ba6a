#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vmsecurity::sql {

// At most `size` connections, opened when they are needed, the one used last given out first (its
// caches are warm). Safe to use from many threads.
template <typename T>
class Pool {
  public:
    using Clock = std::chrono::steady_clock;
    using Open = std::function<base::Result<std::unique_ptr<T>>(Clock::time_point deadline)>;

    // A connection that goes back into the pool, unless it is discarded.
    class Lease {
      public:
        Lease(Pool& pool, std::unique_ptr<T> item) : pool_(&pool), item_(std::move(item)) {}
        Lease(Lease&& other) noexcept
            : pool_(std::exchange(other.pool_, nullptr)), item_(std::move(other.item_)) {}
        Lease& operator=(Lease&&) = delete;
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() {
            if (pool_ != nullptr) pool_->give_back(std::move(item_));
        }
        T& operator*() { return *item_; }
        T* operator->() { return item_.get(); }
        void discard() { item_.reset(); }

      private:
        Pool* pool_;
        std::unique_ptr<T> item_;
    };

    Pool(std::size_t size, Open open) : free_(size), open_(std::move(open)) {}

    // kUnavailable if every connection is in use until `deadline`, or what opening one answered.
    base::Result<Lease> acquire(Clock::time_point deadline) {
        std::unique_ptr<T> item;
        {
            std::unique_lock lock(mutex_);
            if (!freed_.wait_until(lock, deadline, [&] { return free_ > 0; })) {
                return base::fail(base::ErrorCode::kUnavailable,
                                  "every database connection was in use until the deadline");
            }
            --free_;
            if (!idle_.empty()) {
                item = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (!item) {
            auto opened = open_(deadline);
            if (!opened) {
                give_back(nullptr);
                return base::fail(std::move(opened).error());
            }
            item = std::move(*opened);
        }
        return Lease(*this, std::move(item));
    }

    // Closes what is not in use: after one broken connection the others are likely broken too.
    void drop_idle() {
        std::vector<std::unique_ptr<T>> dropped;
        const std::scoped_lock lock(mutex_);
        dropped.swap(idle_);
    }

  private:
    void give_back(std::unique_ptr<T> item) {
        {
            const std::scoped_lock lock(mutex_);
            ++free_;
            if (item) idle_.push_back(std::move(item));
        }
        freed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable freed_;
    std::size_t free_;
    std::vector<std::unique_ptr<T>> idle_;
    Open open_;
};

}  // namespace vmsecurity::sql
