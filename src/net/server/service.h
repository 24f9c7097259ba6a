#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "net/server/lanes.h"
#include "net/server/rate_limiter.h"
#include "net/server/server.h"
#include "net/server/server_metrics.h"

namespace boost::asio::ssl {
class context;
}

namespace vmsecurity::net {

// What all connections of a server share. Outlives them.
struct Service {
    Service(ServerOptions server_options, Dispatch server_dispatch);

    // How long the client has to wait before its next request; zero: it may go on.
    std::chrono::milliseconds rate_limit(const Request& request);
    // The client's own X-Request-Id if it is short and harmless, else a new one.
    std::string request_id(const Headers& headers);

    const ServerOptions options;
    const Dispatch dispatch;
    Lanes lanes;
    RateLimiter limiter;
    ServerMetrics metrics;
    boost::asio::ssl::context* tls = nullptr;  // null: plain HTTP
    std::atomic<bool> stopping{false};
    std::atomic<std::size_t> connections{0};

  private:
    std::string id_prefix_;
    std::atomic<std::uint64_t> id_counter_{0};
};

}  // namespace vmsecurity::net
