#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "apiserver/options.h"
#include "base/result.h"

namespace vmsecurity::apiserver {

class RunningServer;

// The API server: its database, its listeners, what runs beside them. Start and stop are ordered;
// stopping always runs to its end.
class ApiServer {
  public:
    explicit ApiServer(Options options);
    ~ApiServer();

    // kInvalidArgument: options that cannot be used; kUnsupported: a database of a newer version;
    // others: the database or a port cannot be had.
    base::Result<void> start();
    void stop();

    std::vector<std::string> addresses() const;
    std::string health_address() const;

  private:
    std::unique_ptr<RunningServer> running_;
};

}  // namespace vmsecurity::apiserver
