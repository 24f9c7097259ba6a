#pragma once

#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace vmsecurity::net {

// What one coroutine waits on until something on the same thread calls notify(). A notification
// that comes before the wait is kept, several are one.
class Signal {
  public:
    void notify() {
        notified_ = true;
        if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->resume();
    }

    boost::asio::awaitable<void> wait() {
        if (!notified_) {
            co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
                [this](auto handler) {
                    waiter_ = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler));
                },
                boost::asio::use_awaitable);
        }
        notified_ = false;
    }

  private:
    // Asio's handlers can only be moved, which std::function does not take.
    struct Waiter {
        virtual ~Waiter() = default;
        virtual void resume() = 0;
    };
    template <typename Handler>
    struct WaiterOf final : Waiter {
        explicit WaiterOf(Handler h) : handler(std::move(h)) {}
        void resume() override { std::move(handler)(); }
        Handler handler;
    };

    bool notified_ = false;
    std::unique_ptr<Waiter> waiter_;
};

}  // namespace vmsecurity::net
