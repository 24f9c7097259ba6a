#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/server/server.h"

namespace vmsecurity::service {

// The second listener: /healthz/live, /healthz/ready and /metrics, for probes and for Prometheus.
class HealthServer {
  public:
    // `ready`: why the service is not ready; empty if it is. `metrics`: Prometheus text.
    HealthServer(std::string address, std::function<std::string()> ready,
                 std::function<std::string()> metrics);
    base::Result<void> start();
    void stop();
    std::string address() const;

  private:
    std::unique_ptr<net::Server> server_;
};

}  // namespace vmsecurity::service
