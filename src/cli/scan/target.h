#pragma once

#include <string>

#include "base/result.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::cli {

// Opens what the user named, read only: a directory as a tree, a regular file or a block device as
// a disk. An image's own directory is opened with it, for backing files.
base::Result<scan::ScanTarget> open_target(const std::string& path);

}  // namespace vmsecurity::cli
