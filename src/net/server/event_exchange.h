#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "net/server/exchange.h"

namespace vmsecurity::net {

// Events of one client that are not yet on the wire (WHATWG HTML §9.2.5), up to a bound: a client
// that lags further behind is cut.
class EventQueue final : public EventSink {
  public:
    EventQueue(std::size_t capacity, std::shared_ptr<Wakeup> wakeup)
        : capacity_(capacity), wakeup_(std::move(wakeup)) {}

    bool push(std::string_view id, std::string_view event, std::string_view data) override;
    bool place(std::string_view id) override;
    bool comment(std::string_view text) override;
    void close() override;

    struct Taken {
        std::string bytes;
        bool closed = false;      // nothing will follow
        bool overflowed = false;  // the client is to be cut
    };
    Taken take();
    void drop();  // the client is gone

  private:
    bool append(std::string_view text);

    const std::size_t capacity_;
    const std::shared_ptr<Wakeup> wakeup_;
    std::mutex mutex_;
    std::string bytes_;
    bool closed_ = false;
    bool overflowed_ = false;
};

class EventExchange final : public Exchange {
  public:
    EventExchange(std::shared_ptr<Request> request, std::shared_ptr<const Route> route,
                  const ServerOptions& options, const std::shared_ptr<Wakeup>& wakeup);
    void abandon() override;
    EventQueue& queue() { return *queue_; }
    Response take_response() { return std::move(response_); }  // once finished()

  private:
    void call() override;
    void fail(Response answer) override { response_ = std::move(answer); }

    std::shared_ptr<EventQueue> queue_;
    Response response_;
};

}  // namespace vmsecurity::net
