#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "net/server/deadline.h"
#include "net/server/event_exchange.h"
#include "net/server/exchange.h"
#include "net/server/read_buffer.h"
#include "net/server/request_parser.h"
#include "net/server/response_head.h"
#include "net/server/service.h"
#include "net/server/signal.h"
#include "net/server/streaming_exchange.h"
#include "net/server/transport.h"

namespace vmsecurity::net {

class Connection;

// One event loop with one thread, and the connections that live on it.
struct IoThread {
    DateClock date;
    std::unordered_set<Connection*> connections;
    asio::io_context context{1};  // goes first, and with it the coroutines of the connections
};

// The door to a connection for other threads. Everything else of it belongs to its I/O thread.
class Waker final : public Wakeup {
  public:
    Waker(Connection& connection, IoThread& thread) : connection_(&connection), thread_(thread) {}
    void wake() override;
    // From here on wake() does nothing.
    void detach();
    // On the I/O thread, before it looks at what has changed.
    void begin_look() { posted_.store(false, std::memory_order_release); }

  private:
    std::mutex mutex_;
    Connection* connection_;
    IoThread& thread_;
    std::atomic<bool> posted_{false};
};

// One client. A coroutine on one I/O thread reads request after request, hands each to a lane and
// writes the answer; nothing of it is touched by another thread but its waker. A body that streams
// in while an answer streams out is read by a second coroutine, the side; only the first one
// writes.
//
// Functions that answer a bool say whether the connection can go on.
class Connection final : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Service& service, IoThread& thread, asio::ip::tcp::socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    void detach() { waker_->detach(); }

    // On the I/O thread: ends it after the request that runs, if there is one.
    void finish_soon();
    void cut();
    void look();  // at what has changed

  private:
    using RoutePtr = std::shared_ptr<const Route>;
    using RequestPtr = std::shared_ptr<Request>;
    using Await = asio::awaitable<bool>;

    // connection.cpp: reading and writing
    asio::awaitable<void> run();
    Await read_head();
    Await refuse_head(int status, std::string message);
    Await read_more(std::size_t wanted);
    Await write(std::string_view head, std::string_view body = {}, std::string_view tail = {});
    asio::awaitable<void> close_gently();
    RequestPtr make_request();
    void record(const Request& request);

    // connection_serve.cpp: one request
    Await serve(RequestPtr request);
    Await serve_simple(RequestPtr request, RoutePtr route);
    Await serve_events(RequestPtr request, RoutePtr route);
    Await read_body(RequestPtr request, std::uint64_t limit);
    Await submit(const std::shared_ptr<Exchange>& exchange);
    Await await_handler(std::shared_ptr<Exchange> exchange);
    Await respond(const Request& request, Response response);
    Await refuse(const Request& request, int status, std::string message);
    Await send_head(const Request& request, Response& response, Framing framing,
                    std::string_view body = {});

    // connection_stream.cpp: bodies that take their time
    Await serve_streaming(RequestPtr request, RoutePtr route);
    Await stream_answer(std::shared_ptr<StreamingExchange> exchange);
    Await stream_events(std::shared_ptr<EventExchange> exchange, Response response);
    Await write_chunk(std::string_view bytes, bool chunked);
    void start_side(asio::awaitable<void> side);
    asio::awaitable<void> stop_side();
    asio::awaitable<void> pump_body(std::shared_ptr<StreamingExchange> exchange);
    asio::awaitable<void> watch_peer();
    bool awaits_continue(const Request& request) const;

    Service& service_;
    IoThread& thread_;
    const std::shared_ptr<Waker> waker_;
    Transport transport_;
    Deadline deadline_;       // of the main coroutine
    Deadline side_deadline_;  // of the side's reads
    Deadline tick_;           // does nothing but notify: keep-alives
    Signal changed_;          // the exchange, a deadline, the side's end, or cut()
    Signal room_;             // for the side: the handler has read, or stop_side()
    ReadBuffer buffer_;
    RequestParser parser_;
    std::string head_;
    std::string remote_address_;
    bool is_loopback_ = false;
    bool idle_ = false;  // waits for the first byte of a request
    bool cut_ = false;
    bool close_ = false;        // after this answer
    bool has_request_ = false;  // the parser holds a head, so a body may follow
    bool unread_ = false;       // the client may be sending what nobody reads
    bool side_running_ = false;
    bool side_stopped_ = false;  // the side is to end
    bool peer_gone_ = false;

    // Of the request that is served, for record().
    struct Tally {
        Deadline::Clock::time_point begin;
        RoutePtr route;
        int status = 0;
        std::uint64_t request_bytes = 0;
        std::uint64_t response_bytes = 0;
        bool handler_runs = false;  // and may be writing to the request
    };
    Tally tally_;
};

}  // namespace vmsecurity::net
