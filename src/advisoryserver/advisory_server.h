#pragma once

#include <memory>
#include <string>
#include <vector>

#include "advisoryserver/builder.h"
#include "advisoryserver/options.h"
#include "base/result.h"
#include "net/server/server.h"
#include "service/web/health.h"

namespace vmsecurity::advisoryserver {

// Builds the advisory file and serves it.
class AdvisoryServer {
  public:
    explicit AdvisoryServer(Options options) : options_(std::move(options)) {}
    ~AdvisoryServer() { stop(); }
    AdvisoryServer(const AdvisoryServer&) = delete;
    AdvisoryServer& operator=(const AdvisoryServer&) = delete;

    // kInvalidArgument: options that cannot be used; others: the directory or a port cannot be had.
    base::Result<void> start();
    void stop();

    std::vector<std::string> addresses() const { return listener_->addresses(); }
    std::string health_address() const { return health_->address(); }

  private:
    base::Result<void> write_ports() const;

    Options options_;
    std::unique_ptr<Builder> builder_;
    std::unique_ptr<net::Server> listener_;
    std::unique_ptr<service::HealthServer> health_;
};

}  // namespace vmsecurity::advisoryserver
