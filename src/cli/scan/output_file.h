#pragma once

#include <string>

#include "base/result.h"

namespace vmsecurity::cli {

// Writes `content` to `path` so that a reader sees all of it or the old file: a temporary file
// beside it, renamed. What is no regular file (/dev/stderr, a pipe) is written directly. An empty
// path is standard output.
base::Result<void> write_output(const std::string& path, const std::string& content);

}  // namespace vmsecurity::cli
