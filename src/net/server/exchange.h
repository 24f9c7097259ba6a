#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/http/message.h"
#include "net/server/handler.h"
#include "net/server/lanes.h"
#include "net/server/server.h"

namespace vmsecurity::net {

// Tells a connection, from any thread, that its exchange has changed. Outlives the connection, and
// never keeps it: a connection is destroyed on its own thread.
class Wakeup {
  public:
    virtual ~Wakeup() = default;
    virtual void wake() = 0;
};

// One request on its way through a lane. The connection and the lane's thread share it, so that
// either may go first: a connection that is cut leaves the handler to end by itself.
class Exchange : public Job {
  public:
    Exchange(std::shared_ptr<Request> request, std::shared_ptr<const Route> route,
             const ServerOptions& options, std::shared_ptr<Wakeup> wakeup)
        : request_(std::move(request)),
          route_(std::move(route)),
          options_(options),
          wakeup_(std::move(wakeup)) {}

    const Request& request() const { return *request_; }
    const Route& route() const { return *route_; }

    // Whether the handler has ended; what it left may then be read by the connection.
    bool finished() const { return finished_.load(std::memory_order_acquire); }
    // The connection does not wait any more. A handler that has not begun is not called; one that
    // waits for the client is told.
    virtual void abandon() { abandoned_.store(true, std::memory_order_relaxed); }

    void run() noexcept final;

  protected:
    // Calls the handler. What it throws becomes fail().
    virtual void call() = 0;
    virtual void fail(Response answer) = 0;

    // Undoes the Content-Encoding of the request's body; false if `answer` says why it cannot.
    bool decode_body(Response& answer);
    std::uint64_t body_limit() const;
    Response error(int status, std::string_view message) const {
        return options_.make_error(*request_, status, message);
    }
    const ServerOptions& options() const { return options_; }
    void wake() const { wakeup_->wake(); }

  private:
    const std::shared_ptr<Request> request_;
    const std::shared_ptr<const Route> route_;
    const ServerOptions& options_;
    const std::shared_ptr<Wakeup> wakeup_;
    std::atomic<bool> finished_{false};
    std::atomic<bool> abandoned_{false};
};

// Leaves the handler to itself when the coroutine that waits for it ends, in whatever way.
class Abandoning {
  public:
    explicit Abandoning(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~Abandoning() { exchange_->abandon(); }
    Abandoning(const Abandoning&) = delete;
    Abandoning& operator=(const Abandoning&) = delete;

  private:
    std::shared_ptr<Exchange> exchange_;
};

// Decoded bytes that a request to this route may have.
std::uint64_t body_limit(const Route& route, const ServerOptions& options);

// The whole body in, the whole answer out.
class SimpleExchange final : public Exchange {
  public:
    using Exchange::Exchange;
    Response take_response() { return std::move(response_); }  // once finished()

  private:
    void call() override;
    void fail(Response answer) override { response_ = std::move(answer); }

    Response response_;
};

}  // namespace vmsecurity::net
