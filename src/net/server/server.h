#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http/message.h"
#include "net/server/handler.h"

// The HTTP/1.1 server (RFC 9110, RFC 9112) of the control plane's services.
namespace vmsecurity::net {

struct TlsFiles {
    std::string certificate;  // PEM: the server's, then those that lead to the authority
    std::string private_key;  // PEM
};

struct LaneSize {
    unsigned threads = 1;
    std::size_t waiting = 64;  // requests that may wait for a thread; the next one is answered 503
};

struct ServerLimits {
    std::size_t header_bytes = 64 << 10;  // request line and fields: 431, or 414 for the line alone
    std::uint64_t body_bytes = 16 << 20;  // encoded and decoded, where the route says nothing: 413
    std::size_t connections = 8192;       // the next one is closed at once
    // Bytes on their way between a connection and a streaming handler, in each direction.
    std::size_t stream_bytes = 256 << 10;
    std::size_t event_bytes = 256 << 10;     // events that a client may lag behind before it is cut
    std::chrono::milliseconds idle{75'000};  // between two requests
    std::chrono::milliseconds header{15'000};   // from the first byte of a request to its last: 408
    std::chrono::milliseconds read{30'000};     // without a byte of the body: 408
    std::chrono::milliseconds write{30'000};    // without a byte of the answer taken
    std::chrono::milliseconds request{60'000};  // for a handler, where the route says nothing: 503
    std::chrono::milliseconds event_keep_alive{15'000};  // a comment after this long without events
    std::chrono::milliseconds grace{10'000};  // for requests that run when the server is stopped
};

// Requests a second that one client may send; above that it gets 429. Off where `rate` is 0.
struct RateLimit {
    double rate = 0;
    double burst = 0;  // how many at once; at least 1
    // Who counts as one client. Default: the remote address. An empty key is not limited. Called on
    // an I/O thread: must not block. The key is not logged, so it may be made of a token.
    std::function<std::string(const Request&)> key;
};

// Cross-origin requests (WHATWG Fetch §3.2). Off where `origins` is empty.
struct CrossOrigin {
    std::vector<std::string> origins;  // "https://ui.example.org", or "*" for any (no credentials)
    std::vector<std::string> exposed_headers{"ETag", "X-Request-Id"};
    std::chrono::seconds max_age{600};
};

// One answered request. Neither the query nor any header is in it, for both can hold secrets.
struct AccessRecord {
    Method method = Method::kGet;
    std::string_view path;   // decoded, without the query; escape it before it is written out
    std::string_view route;  // Route::name; empty if the request did not get that far
    int status = 0;          // 0: the client went away before an answer
    std::uint64_t request_bytes = 0;   // of the body, as received
    std::uint64_t response_bytes = 0;  // of the body, as sent
    std::chrono::microseconds duration{0};
    std::string_view request_id;
    std::string_view remote_address;
    std::string_view principal;
};

struct ServerOptions {
    std::vector<std::string> listen{"127.0.0.1:0"};  // "host:port", "[v6]:port"; port 0: any free
    std::optional<TlsFiles> tls;
    unsigned io_threads = 1;
    std::array<LaneSize, 4> lanes{LaneSize{1, 256}, LaneSize{4, 512}, LaneSize{2, 256},
                                  LaneSize{2, 32}};  // in the order of Lane
    ServerLimits limits;
    RateLimit rate_limit;
    CrossOrigin cross_origin;
    // Makes the answers that the server gives by itself (400, 408, 413, …). Default: a JSON object
    // with the member "message". Called on any thread.
    std::function<Response(const Request&, int status, std::string_view message)> make_error;
    // Called on an I/O thread once an answer is sent or has failed; must not block.
    std::function<void(const AccessRecord&)> access_log;
    // Answers of at least this size are compressed if the client accepts it. 0: never.
    std::size_t compress_from = 1024;
};

class ServerState;

// start(), then stop() or the destructor, from one thread that is none of its handlers'.
class Server {
  public:
    Server(ServerOptions options, Dispatch dispatch);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Binds all addresses or none. kInvalidArgument: an address or a TLS file that cannot be used;
    // kIo or kPermissionDenied: a port that cannot be bound.
    base::Result<void> start();

    // Stops accepting, ends event streams, lets running requests end within the grace and then cuts
    // their connections. Returns when no handler runs any more: a handler that blocks on something
    // other than its BodyReader or BodyWriter has to end by itself.
    void stop();

    // The bound addresses, "127.0.0.1:40123", in the order of the options; empty before start().
    std::vector<std::string> addresses() const;
    std::uint16_t port() const;  // of the first address; 0 before start()

    // Counters and histograms of the server's life, in Prometheus text format 0.0.4.
    std::string metrics() const;

  private:
    std::unique_ptr<ServerState> state_;
};

}  // namespace vmsecurity::net
