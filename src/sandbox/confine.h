#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace vmsecurity::sandbox {

// What a worker may still do after confine(). Everything else ends the process (seccomp) or is
// refused (Landlock).
struct Policy {
    // Open files and list directories beneath this descriptor, read only; -1: open nothing at all.
    int readable_directory = -1;
    bool threads = false;                // start threads
    std::uint64_t address_space = 0;     // bytes of RLIMIT_AS; 0: unlimited
    std::uint64_t memory_file_size = 0;  // bytes of the largest memfd it may write; 0: none
    std::uint32_t open_files = 64;
};

// Gives up, for good: new privileges, root's identity, capabilities (but for CAP_DAC_READ_SEARCH
// and CAP_FOWNER with a readable directory), the network, every path that the policy does not name,
// and every system call that its job does not need. Called by a worker before it sees the first
// untrusted byte and before it starts a thread. The answer says which layers hold ("seccomp,
// landlock 4, ..."), for the log; a host without Landlock or namespaces still gets seccomp and
// rlimits, and a host without seccomp is an error. Sanitizer builds, whose runtime needs more than
// the policy grants, are not confined and say so.
base::Result<std::string> confine(const Policy& policy);

}  // namespace vmsecurity::sandbox
