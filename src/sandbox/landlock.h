#pragma once

#include "base/result.h"

namespace vmsecurity::sandbox {

// Restricts the calling thread and its future children to reading beneath `readable_directory` (-1:
// to no path at all). The answer is the Landlock ABI in force, 0 where the kernel has none
// (landlock(7)).
base::Result<int> restrict_paths(int readable_directory);

}  // namespace vmsecurity::sandbox
