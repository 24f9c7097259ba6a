#pragma once

#include <string>

#include "base/result.h"

namespace vmsecurity::cli {

// The path of vmsecurity-worker: beside this program, or in ../libexec/vmsecurity as installed. Not
// looked for in PATH, so that nobody else's program gets to read the target.
base::Result<std::string> find_worker_program();

}  // namespace vmsecurity::cli
