#pragma once

#include <string>

#include "base/result.h"

namespace vmsecurity::cli {

// The path of another program of ours: beside this one, in ../vmsecurity (of a build folder), or in
// ../libexec/vmsecurity as installed.
// Not looked for in PATH, so that nobody else's program gets to read the target.
base::Result<std::string> find_companion(const std::string& name);

}  // namespace vmsecurity::cli
