#pragma once

#include <string_view>

#include "base/result.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem {

// Walks `path` from the root as a process chrooted there would: absolute links start at the root
// again, ".." stops at it, at most 40 links (as the kernel's MAXSYMLINKS). The answer's `path` is
// the real one, without links. kNotFound for a missing or dangling name, kLimitExceeded for a loop.
// With follow_last = false the last component may be a link.
base::Result<Node> resolve(Session& session, std::string_view path, bool follow_last = true);

}  // namespace vmsecurity::filesystem
