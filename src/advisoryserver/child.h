#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::advisoryserver {

// Ends whatever waits for it, from any thread and for good.
class StopEvent {
  public:
    StopEvent();
    void set();
    bool is_set() const;
    int descriptor() const { return event_.get(); }  // readable once it is set

  private:
    base::FileDescriptor event_;
};

// Runs a program to its end and returns what it wrote to standard output. It gets an environment
// without secrets, a process group that is killed with all that is left in it, and SIGKILL if the
// calling thread ends, so that nothing survives a kill of this process.
// kCancelled: `stop` was set; kLimitExceeded: not ended in `time_limit`, or more than 4 MiB of
// output; kUnavailable: it ended with another status than 0, and the message is its last words.
base::Result<std::string> run_child(const std::string& program,
                                    const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds time_limit, const StopEvent& stop);

}  // namespace vmsecurity::advisoryserver
