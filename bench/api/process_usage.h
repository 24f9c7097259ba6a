#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <thread>

namespace vmsecurity::bench {

// CPU milliseconds that processes have used, user and kernel, in steps of 10.
double cpu_milliseconds(std::span<const pid_t> processes);

// The most anonymous memory of a process, looked at every 20 ms as long as the object lives.
class MemoryWatch {
  public:
    explicit MemoryWatch(pid_t process);
    ~MemoryWatch();
    MemoryWatch(const MemoryWatch&) = delete;
    MemoryWatch& operator=(const MemoryWatch&) = delete;

    std::uint64_t peak_kib() const { return peak_; }
    // The peak from now on.
    void reset() { peak_ = 0; }

  private:
    std::atomic<std::uint64_t> peak_ = 0;
    std::jthread thread_;
};

}  // namespace vmsecurity::bench
