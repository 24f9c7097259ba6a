#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"

namespace vmsecurity::providers::local {

// Tells when processes end, our children (which it also reaps) and others alike, by pidfd_open(2).
class ProcessWatch {
  public:
    using Ended = std::function<void(const std::string& name)>;
    explicit ProcessWatch(Ended ended);
    ~ProcessWatch();
    ProcessWatch(const ProcessWatch&) = delete;
    ProcessWatch& operator=(const ProcessWatch&) = delete;

    // Calls `ended` with `name` once, from a thread of its own, when the process ends; soon if it
    // has ended already.
    void add(pid_t pid, const std::string& name);

  private:
    struct Watched {
        pid_t pid = 0;
        std::string name;
        base::FileDescriptor descriptor;
    };
    void run(const std::stop_token& stop);

    Ended ended_;
    base::FileDescriptor wake_;
    std::mutex mutex_;
    std::vector<Watched> added_;
    std::jthread thread_;
};

}  // namespace vmsecurity::providers::local
