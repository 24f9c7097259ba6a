#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace vmsecurity::bench {

// A running `vmsecurityd apiserver` with its settings as they come; ended with the object.
class ServerProcess {
  public:
    // `folder`: for its log and port file.
    static base::Result<std::unique_ptr<ServerProcess>> start(const std::string& program,
                                                              const std::string& database,
                                                              const std::string& folder);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    pid_t process() const { return process_; }
    const std::string& api() const { return api_; }  // "127.0.0.1:40123"
    const std::string& health() const { return health_; }

  private:
    ServerProcess() = default;

    pid_t process_ = -1;
    std::string api_;
    std::string health_;
};

}  // namespace vmsecurity::bench
