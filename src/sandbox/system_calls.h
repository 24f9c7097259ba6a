#pragma once

#include "base/result.h"
#include "sandbox/confine.h"

namespace vmsecurity::sandbox {

// Installs the seccomp filter of `policy` in every thread of the process: an allow-list; opening
// files answers EACCES where the policy has no readable directory (libraries probe /proc and /sys
// and cope), any other call kills the process with SIGSYS.
base::Result<void> restrict_system_calls(const Policy& policy);

}  // namespace vmsecurity::sandbox
