#include "net/server/connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"

namespace vmsecurity::net {
namespace {

constexpr std::size_t kReadSize = 16 << 10;
// What nobody wants is read up to here, so that the client sees the answer and not a reset.
constexpr std::size_t kDiscardLimit = 256 << 10;
constexpr std::chrono::milliseconds kLinger{2'000};

}  // namespace

Connection::Connection(Service& service, IoThread& thread, asio::ip::tcp::socket socket)
    : service_(service),
      thread_(thread),
      waker_(std::make_shared<Waker>(*this, thread)),
      transport_(std::move(socket), service.tls),
      deadline_(thread.context.get_executor(),
                [this] {
                    transport_.cancel();
                    changed_.notify();
                }),
      side_deadline_(thread.context.get_executor(), [this] { transport_.cancel(); }),
      tick_(thread.context.get_executor(), [this] { changed_.notify(); }),
      parser_(service.options.limits.header_bytes) {
    boost::system::error_code error;
    const auto peer = transport_.socket().remote_endpoint(error);
    if (!error) {
        remote_address_ = peer.address().to_string();
        is_loopback_ = peer.address().is_loopback();
    }
    transport_.socket().set_option(asio::ip::tcp::no_delay(true), error);
    thread_.connections.insert(this);
}

Connection::~Connection() {
    waker_->detach();
    thread_.connections.erase(this);
    service_.connections.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::start() {
    deadline_.set_owner(weak_from_this());
    side_deadline_.set_owner(weak_from_this());
    tick_.set_owner(weak_from_this());
    asio::co_spawn(
        thread_.context,
        [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->run(); },
        [](const std::exception_ptr& thrown) {
            if (!thrown) return;
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                base::log::error("a connection ended: {}", error.what());
            } catch (...) {
                base::log::error("a connection ended by an unknown exception");
            }
        });
}

void Waker::wake() {
    if (posted_.exchange(true, std::memory_order_acq_rel)) return;
    const std::lock_guard lock(mutex_);
    if (connection_ == nullptr) return;
    asio::post(thread_.context, [weak = connection_->weak_from_this()] {
        if (const auto connection = weak.lock()) connection->look();
    });
}

void Waker::detach() {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
}

void Connection::look() {
    waker_->begin_look();
    room_.notify();
    changed_.notify();
}

void Connection::finish_soon() {
    close_ = true;
    if (idle_) transport_.cancel();
    changed_.notify();
}

void Connection::cut() {
    cut_ = true;
    transport_.close();
    room_.notify();
    changed_.notify();
}

asio::awaitable<void> Connection::run() {
    if (transport_.is_tls()) {
        deadline_.set_after(service_.options.limits.header);
        const auto error = co_await transport_.handshake();
        if (error) co_return;
    }
    bool usable = true;
    while (usable && !close_ && !cut_) {
        const bool more = co_await read_head();
        if (!more) break;
        has_request_ = true;
        tally_ = Tally{};
        tally_.begin = Deadline::Clock::now();
        service_.metrics.in_flight.fetch_add(1, std::memory_order_relaxed);
        const RequestPtr request = make_request();
        usable = co_await serve(request);
        co_await stop_side();
        service_.metrics.in_flight.fetch_sub(1, std::memory_order_relaxed);
        record(*request);
        if (!parser_.is_done()) close_ = true;
        has_request_ = false;
    }
    if (usable) {
        co_await close_gently();
    } else {
        // A half-written answer has to be seen as one: no orderly end.
        transport_.close();
    }
}

// Reads up to the blank line. Answers a request that cannot be read by itself.
Connection::Await Connection::read_head() {
    const ServerLimits& limits = service_.options.limits;
    parser_.reset();
    idle_ = buffer_.empty();
    deadline_.set_after(idle_ ? limits.idle : limits.header);
    while (true) {
        if (!buffer_.empty()) {
            const auto used = parser_.parse_head(buffer_.view());
            if (!used) {
                const Refusal refusal = used.error();
                co_return co_await refuse_head(refusal.status, refusal.message);
            }
            if (*used > 0) {
                buffer_.consume(*used);
                idle_ = false;
                co_return true;
            }
            if (idle_) deadline_.set_after(limits.header);
            idle_ = false;
        }
        if (close_ && idle_) co_return false;
        const bool read = co_await read_more(kReadSize);
        if (read) continue;
        if (!deadline_.expired() || idle_ || cut_) co_return false;
        co_return co_await refuse_head(408, "the request did not arrive in time");
    }
}

Connection::Await Connection::refuse_head(int status, std::string message) {
    idle_ = false;
    Request nobody;
    nobody.method = Method::kOther;
    nobody.remote_address = remote_address_;
    nobody.id = service_.request_id({});
    tally_ = Tally{};
    tally_.begin = Deadline::Clock::now();
    service_.metrics.count(ServerMetrics::Rejection::kMalformed);
    co_await refuse(nobody, status, std::move(message));
    record(nobody);
    co_return false;
}

Connection::RequestPtr Connection::make_request() {
    auto request = std::make_shared<Request>();
    request->method = parser_.method();
    request->target = parser_.take_target();
    request->headers = parser_.take_headers();
    request->remote_address = remote_address_;
    request->is_loopback = is_loopback_;
    request->is_tls = transport_.is_tls();
    request->id = service_.request_id(request->headers);
    return request;
}

void Connection::record(const Request& request) {
    const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(
        Deadline::Clock::now() - tally_.begin);
    const std::string_view route =
        tally_.route == nullptr ? std::string_view{} : std::string_view(tally_.route->name);
    service_.metrics.count(route, tally_.status, duration, tally_.request_bytes,
                           tally_.response_bytes);
    if (!service_.options.access_log) return;
    service_.options.access_log(AccessRecord{
        request.method, request.path, route, tally_.status, tally_.request_bytes,
        tally_.response_bytes, duration, request.id, request.remote_address,
        tally_.handler_runs ? std::string_view{} : std::string_view(request.principal)});
}

// More bytes into the buffer; false at the end of the connection or at the deadline.
Connection::Await Connection::read_more(std::size_t wanted) {
    if (deadline_.expired() || cut_) co_return false;
    const auto [into, room] = buffer_.prepare(wanted);
    const IoResult result = co_await transport_.read_some(asio::mutable_buffer(into, room));
    if (result.error) co_return false;
    buffer_.commit(result.bytes);
    co_return true;
}

Connection::Await Connection::write(std::string_view head, std::string_view body,
                                    std::string_view tail) {
    std::array<std::string_view, 3> left{head, body, tail};
    while (!left[0].empty() || !left[1].empty() || !left[2].empty()) {
        if (cut_) co_return false;
        // Anew with each piece that the client takes: a slow one is served, one that stopped is
        // not.
        deadline_.set_after(service_.options.limits.write);
        const Buffers buffers{asio::const_buffer(left[0].data(), left[0].size()),
                              asio::const_buffer(left[1].data(), left[1].size()),
                              asio::const_buffer(left[2].data(), left[2].size())};
        const IoResult result = co_await transport_.write_some(buffers);
        if (result.error) co_return false;
        std::size_t written = result.bytes;
        for (std::string_view& one : left) {
            const std::size_t part = std::min(written, one.size());
            one.remove_prefix(part);
            written -= part;
        }
    }
    co_return true;
}

// A client that is still sending would get a reset, which can overtake the answer: so read on for a
// little while (RFC 9112 §9.6).
asio::awaitable<void> Connection::close_gently() {
    if (cut_) co_return;
    deadline_.set_after(std::min(kLinger, service_.options.limits.write));
    co_await transport_.shutdown();
    std::size_t discarded = 0;
    while (unread_ && discarded < kDiscardLimit) {
        buffer_.consume(buffer_.size());
        const bool read = co_await read_more(kReadSize);
        if (!read) break;
        discarded += buffer_.size();
    }
}

}  // namespace vmsecurity::net
