#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "sandbox/channel.h"

namespace vmsecurity::sandbox {

// The descriptor at which a worker finds its end of the channel.
inline constexpr int kWorkerChannel = 3;

// How a worker came to its end.
struct WorkerExit {
    bool signalled = false;
    int code = 0;  // exit status, or the signal's number
    // "was killed by signal 11 (Segmentation fault)", "exited with status 1", "broke the sandbox's
    // rules (SIGSYS)".
    std::string describe() const;
};

// A child process in a worker's role. It starts from a clean image
// (exec, not fork alone): nothing of the supervisor's memory is in it. It has no environment but
// for locale and sanitizer settings, no standard input, and dies with its parent. Destroying the
// object kills and reaps it.
class WorkerProcess {
  public:
    // `program` is the executable's path; `arguments` follow it.
    static base::Result<WorkerProcess> start(const std::string& program,
                                             const std::vector<std::string>& arguments);
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;
    WorkerProcess(WorkerProcess&& other) noexcept;
    WorkerProcess& operator=(WorkerProcess&& other) noexcept;
    ~WorkerProcess();

    const Channel& channel() const { return channel_; }
    pid_t process_id() const { return process_id_; }

    void kill() const;
    // Waits for the end; after that the object is empty. A worker that has closed its channel but
    // does not end within `grace` is killed.
    WorkerExit wait(std::chrono::milliseconds grace = std::chrono::milliseconds(2000));

  private:
    WorkerProcess(Channel channel, pid_t process_id);
    void end();

    Channel channel_;
    pid_t process_id_ = -1;
};

// In a worker, first thing: ties its life to the parent's and takes over the channel.
base::Result<Channel> attach_to_supervisor();

}  // namespace vmsecurity::sandbox
