#include "net/server/transport.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace vmsecurity::net {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
using ErrorCode = boost::system::error_code;

}  // namespace

struct Transport::Tls {
    asio::ssl::stream<asio::ip::tcp::socket&> stream;
};

Transport::Transport(asio::ip::tcp::socket socket, asio::ssl::context* tls)
    : socket_(std::move(socket)) {
    if (tls != nullptr) {
        tls_.reset(new Tls{asio::ssl::stream<asio::ip::tcp::socket&>(socket_, *tls)});
    }
}
Transport::~Transport() = default;

asio::awaitable<ErrorCode> Transport::handshake() {
    if (!is_tls()) co_return ErrorCode{};
    auto [error] = co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, kAwait);
    co_return error;
}

asio::awaitable<IoResult> Transport::read_some(asio::mutable_buffer into) {
    if (is_tls()) {
        auto [error, bytes] = co_await tls_->stream.async_read_some(into, kAwait);
        co_return IoResult{error, bytes};
    }
    auto [error, bytes] = co_await socket_.async_read_some(into, kAwait);
    co_return IoResult{error, bytes};
}

asio::awaitable<IoResult> Transport::write_some(Buffers from) {
    if (is_tls()) {
        auto [error, bytes] = co_await tls_->stream.async_write_some(from, kAwait);
        co_return IoResult{error, bytes};
    }
    auto [error, bytes] = co_await socket_.async_write_some(from, kAwait);
    co_return IoResult{error, bytes};
}

asio::awaitable<void> Transport::shutdown() {
    ErrorCode ignored;
    if (is_tls()) {
        // As if the client had said goodbye, so that ours is sent and none waited for.
        SSL_set_shutdown(tls_->stream.native_handle(), SSL_RECEIVED_SHUTDOWN);
        [[maybe_unused]] auto [error] = co_await tls_->stream.async_shutdown(kAwait);
    }
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Transport::cancel() {
    ErrorCode ignored;
    socket_.cancel(ignored);
}

void Transport::close() {
    ErrorCode ignored;
    socket_.close(ignored);
}

}  // namespace vmsecurity::net
