#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace boost::asio::ssl {
class context;
}

namespace vmsecurity::net {

namespace asio = boost::asio;

struct IoResult {
    boost::system::error_code error;
    std::size_t bytes = 0;
};

using Buffers = std::array<asio::const_buffer, 3>;

// A TCP connection with or without TLS. All on the connection's I/O thread; one read and one write
// may be under way at a time.
class Transport {
  public:
    // `tls` is null for plain TCP, and outlives this.
    Transport(asio::ip::tcp::socket socket, asio::ssl::context* tls);
    ~Transport();

    asio::awaitable<boost::system::error_code> handshake();
    asio::awaitable<IoResult> read_some(asio::mutable_buffer into);
    asio::awaitable<IoResult> write_some(Buffers from);
    // Says that nothing more will be sent.
    asio::awaitable<void> shutdown();

    void cancel();  // what is under way ends with operation_aborted
    void close();
    asio::ip::tcp::socket& socket() { return socket_; }
    bool is_tls() const { return tls_ != nullptr; }

  private:
    struct Tls;
    asio::ip::tcp::socket socket_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace vmsecurity::net
