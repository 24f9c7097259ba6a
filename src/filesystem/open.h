#pragma once

#include <memory>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "disk/block_source.h"
#include "disk/content_kind.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem {

// The tree below an open directory. Links and ".." never lead out of it; other mounts below it are
// entered only if `cross_mounts`.
struct DirectoryOptions {
    bool cross_mounts = false;
};
base::Result<std::unique_ptr<FileSystem>> open_directory(base::FileDescriptor descriptor,
                                                         DirectoryOptions options = {});

// ext2, ext3 or ext4 on a block source, read by libext2fs in user space; nothing is written, no
// journal replayed.
base::Result<std::unique_ptr<FileSystem>> open_ext(disk::BlockSourcePtr blocks);

// The reader for what `content` says, or kUnsupported with its name in the message.
base::Result<std::unique_ptr<FileSystem>> open_file_system(disk::BlockSourcePtr blocks,
                                                           const disk::Content& content);

}  // namespace vmsecurity::filesystem
