#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace vmsecurity::net {

// A time limit that is moved with every read and write, and so must cost nothing to move: the timer
// is armed only when the new limit is earlier than where it stands, and looks again when it fires.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    // `on_expiry` is called on the executor's thread, never after `owner` is gone.
    template <typename Executor>
    Deadline(const Executor& executor, std::function<void()> on_expiry)
        : timer_(executor), on_expiry_(std::move(on_expiry)) {}

    void set_owner(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
    void set(Clock::time_point when) {
        expired_ = false;
        due_ = when;
        if (when < armed_) arm(when);
    }
    void set_after(std::chrono::milliseconds time) { set(Clock::now() + time); }
    void clear() {
        expired_ = false;
        due_ = Clock::time_point::max();
    }
    bool expired() const { return expired_; }

  private:
    void arm(Clock::time_point when) {
        armed_ = when;
        timer_.expires_at(when);
        timer_.async_wait([this, owner = owner_](const boost::system::error_code& error) {
            const auto alive = owner.lock();
            if (error || alive == nullptr) return;
            armed_ = Clock::time_point::max();
            if (Clock::now() < due_) {
                if (due_ != Clock::time_point::max()) arm(due_);
                return;
            }
            due_ = Clock::time_point::max();
            expired_ = true;
            on_expiry_();
        });
    }

    boost::asio::steady_timer timer_;
    std::function<void()> on_expiry_;
    std::weak_ptr<void> owner_;
    Clock::time_point due_ = Clock::time_point::max();
    Clock::time_point armed_ = Clock::time_point::max();
    bool expired_ = false;
};

}  // namespace vmsecurity::net
