#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

// A regular file or a block device, byte for byte. `name` is for error messages. Anything else
// (a directory, a pipe, a terminal) is kInvalidArgument. Needs only fstat, lseek and pread of the
// kernel, so that it works behind a system call filter.
base::Result<BlockSourcePtr> make_raw_source(base::FileDescriptor file, std::string name);

}  // namespace vmsecurity::disk
