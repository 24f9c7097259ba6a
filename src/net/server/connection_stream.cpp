#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "net/server/connection.h"

namespace vmsecurity::net {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kReadSize = 64 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Await Connection::serve_streaming(RequestPtr request, RoutePtr route) {
    auto exchange = std::make_shared<StreamingExchange>(std::move(request), std::move(route),
                                                        service_.options, waker_);
    const Abandoning guard(exchange);
    const Request& asked = exchange->request();
    const bool submitted = co_await submit(exchange);
    if (!submitted) co_return tally_.status != 0;
    bool continue_due = awaits_continue(asked);
    if (parser_.is_done()) {
        exchange->inbound().end();
    } else if (!continue_due) {
        start_side(pump_body(exchange));
    }
    deadline_.set(asked.deadline);
    std::optional<Response> begun;
    while (true) {
        const bool finished = exchange->finished();
        begun = exchange->take_begun();
        if (begun || finished) break;
        if (cut_) co_return false;
        if (deadline_.expired()) {
            exchange->abandon();
            co_await stop_side();
            close_ = true;
            co_return co_await refuse(asked, 503, "the request took longer than it may");
        }
        if (continue_due && exchange->inbound().is_wanted()) {
            continue_due = false;
            const bool sent = co_await write(kContinue);
            if (!sent) co_return false;
            deadline_.set(asked.deadline);
            start_side(pump_body(exchange));
            continue;
        }
        co_await changed_.wait();
    }
    if (!begun) {
        tally_.handler_runs = false;
        co_await stop_side();
        co_return co_await respond(asked, exchange->take_response());
    }
    const bool http_1_0 = parser_.is_http_1_0();
    const Framing framing = !has_body(begun->status) ? Framing::kNone
                            : http_1_0               ? Framing::kUntilClose
                                                     : Framing::kChunked;
    // A body that is still coming may be left unread by the handler, and then ends the connection;
    // whether it will is not known here.
    if (side_running_ || continue_due) close_ = true;
    const bool sent = co_await send_head(asked, *begun, framing);
    if (!sent) co_return false;
    co_return co_await stream_answer(exchange);
}

Connection::Await Connection::stream_answer(std::shared_ptr<StreamingExchange> exchange) {
    const Request& asked = exchange->request();
    const bool chunked = !parser_.is_http_1_0();
    while (true) {
        const bool finished = exchange->finished();  // before the last bytes are looked for
        const std::string bytes = exchange->outbound().take();
        if (!bytes.empty()) {
            const bool sent = co_await write_chunk(bytes, chunked);
            if (!sent) co_return false;
            continue;
        }
        if (finished) break;
        if (cut_ || Deadline::Clock::now() >= asked.deadline) co_return false;
        deadline_.set(asked.deadline);
        co_await changed_.wait();
    }
    tally_.handler_runs = false;
    if (!exchange->answer_is_whole()) co_return false;
    unread_ = !parser_.is_done();
    if (!chunked || asked.method == Method::kHead) co_return true;
    co_return co_await write("0\r\n\r\n");
}

Connection::Await Connection::write_chunk(std::string_view bytes, bool chunked) {
    tally_.response_bytes += bytes.size();
    if (!chunked) co_return co_await write(bytes);
    std::array<char, 24> size;
    const auto end = fmt::format_to(size.begin(), "{:x}\r\n", bytes.size());
    const auto count = static_cast<std::size_t>(end - size.begin());
    co_return co_await write(std::string_view(size.data(), count), bytes, "\r\n");
}

Connection::Await Connection::stream_events(std::shared_ptr<EventExchange> exchange,
                                            Response response) {
    const Request& asked = exchange->request();
    const bool chunked = !parser_.is_http_1_0();
    response.headers.set("Content-Type", "text/event-stream");
    response.headers.set("Cache-Control", "no-store");
    close_ = true;
    response.body.clear();
    const bool sent =
        co_await send_head(asked, response, chunked ? Framing::kChunked : Framing::kUntilClose);
    if (!sent) co_return false;
    if (asked.method == Method::kHead) co_return true;
    buffer_.consume(buffer_.size());
    buffer_.release();
    start_side(watch_peer());
    tick_.set_after(service_.options.limits.event_keep_alive);
    while (true) {
        EventQueue::Taken taken = exchange->queue().take();
        if (taken.overflowed || cut_ || peer_gone_) co_return false;
        if (taken.bytes.empty() && tick_.expired()) taken.bytes = ":\n\n";
        if (!taken.bytes.empty()) {
            const bool written = co_await write_chunk(taken.bytes, chunked);
            if (!written) co_return false;
            deadline_.clear();
            tick_.set_after(service_.options.limits.event_keep_alive);
            continue;
        }
        if (taken.closed || service_.stopping.load(std::memory_order_relaxed)) break;
        deadline_.clear();
        co_await changed_.wait();
    }
    if (!chunked) co_return true;
    co_return co_await write("0\r\n\r\n");
}

void Connection::start_side(asio::awaitable<void> side) {
    side_running_ = true;
    side_stopped_ = false;
    asio::co_spawn(thread_.context, std::move(side),
                   [self = shared_from_this()](const std::exception_ptr&) {
                       self->side_running_ = false;
                       self->changed_.notify();
                   });
}

asio::awaitable<void> Connection::stop_side() {
    while (side_running_) {
        side_stopped_ = true;
        transport_.cancel();
        room_.notify();
        if (side_running_) co_await changed_.wait();
    }
}

// Feeds the handler with the body as it comes.
asio::awaitable<void> Connection::pump_body(std::shared_ptr<StreamingExchange> exchange) {
    InboundPipe& pipe = exchange->inbound();
    const std::uint64_t limit = body_limit(exchange->route(), service_.options);
    while (!side_stopped_ && !cut_) {
        std::string content;
        const auto used = parser_.parse_body(buffer_.view(), content);
        if (!used) {
            pipe.fail(Error{ErrorCode::kCorrupt, used.error().message, {}, {}});
            co_return;
        }
        buffer_.consume(*used);
        tally_.request_bytes += content.size();
        if (tally_.request_bytes > limit) {
            pipe.fail(Error{ErrorCode::kLimitExceeded, "the body is too large", {}, {}});
            co_return;
        }
        if (!content.empty()) pipe.push(std::move(content));
        if (parser_.is_done()) {
            pipe.end();
            co_return;
        }
        if (buffer_.size() >= service_.options.limits.header_bytes) {
            pipe.fail(Error{ErrorCode::kCorrupt, "a line between two chunks is too long", {}, {}});
            co_return;
        }
        while (!pipe.has_room() && !side_stopped_ && !cut_) co_await room_.wait();
        if (side_stopped_ || cut_) co_return;
        const auto [into, room] = buffer_.prepare(kReadSize);
        side_deadline_.set_after(service_.options.limits.read);
        const IoResult result = co_await transport_.read_some(asio::mutable_buffer(into, room));
        if (result.error) {
            const bool late = side_deadline_.expired();
            pipe.fail(Error{late ? ErrorCode::kLimitExceeded : ErrorCode::kTruncated,
                            late ? "the body did not arrive in time" : "the client went away",
                            {},
                            {}});
            co_return;
        }
        side_deadline_.clear();
        buffer_.commit(result.bytes);
    }
}

// Sees the client go, which has nothing more to say while it listens to events.
asio::awaitable<void> Connection::watch_peer() {
    std::array<char, 256> ignored;
    std::size_t count = 0;
    while (!side_stopped_ && count < kReadSize) {
        const IoResult result = co_await transport_.read_some(asio::buffer(ignored));
        if (result.error) break;
        count += result.bytes;
    }
    peer_gone_ = true;
}

}  // namespace vmsecurity::net
