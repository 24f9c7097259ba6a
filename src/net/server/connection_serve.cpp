#include <algorithm>
#include <cmath>
#include <utility>

#include "net/http/target.h"
#include "net/server/connection.h"
#include "net/server/cross_origin.h"

namespace vmsecurity::net {
namespace {

constexpr std::size_t kReadSize = 64 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Await Connection::serve(RequestPtr request) {
    if (!parser_.keep_alive()) close_ = true;
    auto target = parse_target(request->target);
    if (!target) co_return co_await refuse(*request, 400, target.error().describe());
    request->path = std::move(target->path);
    request->query = std::move(target->query);
    if (auto preflight = answer_preflight(service_.options.cross_origin, *request)) {
        co_return co_await respond(*request, std::move(*preflight));
    }
    RoutePtr route = service_.dispatch(*request);
    tally_.route = route;
    if (route->lane != Lane::kHealth) {
        const auto wait = service_.rate_limit(*request);
        if (wait.count() > 0) {
            service_.metrics.count(ServerMetrics::Rejection::kRate);
            Response response =
                service_.options.make_error(*request, 429, "too many requests; send fewer");
            response.headers.set("Retry-After", std::to_string((wait.count() + 999) / 1000));
            co_return co_await respond(*request, std::move(response));
        }
    }
    const auto limit =
        route->time_limit.count() > 0 ? route->time_limit : service_.options.limits.request;
    request->deadline = tally_.begin + limit;
    // Before the body is sent in vain. Whether there is room when it has come is seen then.
    if (!parser_.is_done()) {
        const auto length = parser_.content_length();
        if (length && *length > body_limit(*route, service_.options)) {
            co_return co_await refuse(*request, 413, "the body is too large");
        }
        if (service_.lanes.is_full(route->lane)) {
            co_return co_await refuse(*request, 503, "the server is busy; try again soon");
        }
    }
    if (route->handler.streaming) {
        co_return co_await serve_streaming(std::move(request), std::move(route));
    }
    if (!parser_.is_done()) {
        const bool read = co_await read_body(request, body_limit(*route, service_.options));
        if (!read) co_return tally_.status != 0;
    }
    if (route->handler.events) {
        co_return co_await serve_events(std::move(request), std::move(route));
    }
    co_return co_await serve_simple(std::move(request), std::move(route));
}

Connection::Await Connection::serve_simple(RequestPtr request, RoutePtr route) {
    auto exchange = std::make_shared<SimpleExchange>(std::move(request), std::move(route),
                                                     service_.options, waker_);
    const bool ended = co_await await_handler(exchange);
    if (!ended) co_return tally_.status != 0;
    co_return co_await respond(exchange->request(), exchange->take_response());
}

Connection::Await Connection::serve_events(RequestPtr request, RoutePtr route) {
    auto exchange = std::make_shared<EventExchange>(std::move(request), std::move(route),
                                                    service_.options, waker_);
    const Abandoning guard(exchange);
    const bool ended = co_await await_handler(exchange);
    if (!ended) co_return tally_.status != 0;
    Response response = exchange->take_response();
    const Request& asked = exchange->request();
    if (response.status != 200) co_return co_await respond(asked, std::move(response));
    co_return co_await stream_events(exchange, std::move(response));
}

// Hands over to the lane; false if that was refused, and is answered.
Connection::Await Connection::submit(const std::shared_ptr<Exchange>& exchange) {
    tally_.handler_runs = true;
    if (service_.lanes.submit(exchange->route().lane, exchange)) co_return true;
    tally_.handler_runs = false;
    co_await refuse(exchange->request(), 503, "the server is busy; try again soon");
    co_return false;
}

// Until the handler has ended; false if it has not in time, and that is answered, or on cut().
Connection::Await Connection::await_handler(std::shared_ptr<Exchange> exchange) {
    const bool submitted = co_await submit(exchange);
    if (!submitted) co_return false;
    deadline_.set(exchange->request().deadline);
    while (!exchange->finished()) {
        co_await changed_.wait();
        if (exchange->finished()) break;
        if (cut_ || deadline_.expired()) {
            exchange->abandon();
            close_ = true;
            if (!cut_) {
                co_await refuse(exchange->request(), 503, "the request took longer than it may");
            }
            co_return false;
        }
    }
    tally_.handler_runs = false;
    co_return !cut_;
}

// The whole body; false where that fails, and is answered unless the client is gone.
Connection::Await Connection::read_body(RequestPtr request, std::uint64_t limit) {
    const ServerLimits& limits = service_.options.limits;
    std::string& body = request->body;
    body.reserve(std::min<std::uint64_t>(parser_.content_length().value_or(0), 1 << 20));
    if (awaits_continue(*request)) {
        const bool sent = co_await write(kContinue);
        if (!sent) co_return false;
    }
    while (true) {
        const auto used = parser_.parse_body(buffer_.view(), body);
        tally_.request_bytes = body.size();
        if (!used) {
            const Refusal refusal = used.error();
            co_await refuse(*request, refusal.status, refusal.message);
            co_return false;
        }
        buffer_.consume(*used);
        if (body.size() > limit) {
            co_await refuse(*request, 413, "the body is too large");
            co_return false;
        }
        if (parser_.is_done()) co_return true;
        if (buffer_.size() >= limits.header_bytes) {
            co_await refuse(*request, 400, "a line between two chunks of the body is too long");
            co_return false;
        }
        deadline_.set(std::min(Deadline::Clock::now() + limits.read, request->deadline));
        const bool read = co_await read_more(kReadSize);
        if (read) continue;
        if (deadline_.expired() && !cut_) {
            co_await refuse(*request, 408, "the body did not arrive in time");
        }
        co_return false;
    }
}

bool Connection::awaits_continue(const Request& request) const {
    return !parser_.is_done() && buffer_.empty() && !parser_.is_http_1_0() &&
           request.headers.has_token("Expect", "100-continue");
}

Connection::Await Connection::respond(const Request& request, Response response) {
    const Framing framing = has_body(response.status) ? Framing::kLength : Framing::kNone;
    const bool bodiless = framing == Framing::kNone || request.method == Method::kHead;
    const std::string_view body = bodiless ? std::string_view{} : std::string_view(response.body);
    co_return co_await send_head(request, response, framing, body);
}

Connection::Await Connection::refuse(const Request& request, int status, std::string message) {
    Response response = service_.options.make_error(request, status, message);
    if (status == 503) response.headers.set("Retry-After", "1");
    co_return co_await respond(request, std::move(response));
}

// Writes status and fields, and `body` along with them.
Connection::Await Connection::send_head(const Request& request, Response& response, Framing framing,
                                        std::string_view body) {
    if (service_.stopping.load(std::memory_order_relaxed)) close_ = true;
    // What is left of the request is not worth reading, or cannot be told from the next one.
    if (!has_request_ || (!parser_.is_done() && !side_running_)) close_ = unread_ = true;
    if (framing == Framing::kUntilClose) close_ = true;
    allow_origin(service_.options.cross_origin, request, response.headers);
    ResponseHead head;
    head.status = response.status;
    head.framing = framing;
    head.length = response.body.size();
    head.close = close_;
    head.keep_alive = !close_ && parser_.is_http_1_0();
    head.request_id = request.id;
    head.date = thread_.date.now();
    head_.clear();
    append_head(head_, head, response.headers);
    tally_.status = response.status;
    tally_.response_bytes += body.size();
    co_return co_await write(head_, body);
}

}  // namespace vmsecurity::net
