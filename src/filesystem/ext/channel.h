#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "filesystem/ext/block_cache.h"
#include "filesystem/ext/library.h"

namespace vmsecurity::filesystem::ext {

// What a channel of libext2fs reads from. One for each handle.
struct Channel {
    std::shared_ptr<BlockCache> cache;
    // Why the last read failed: libext2fs passes on a number only.
    std::optional<base::Error> error;
};

// ext2fs_open2 over `channel`, which must outlive the answer. Read only: every write of the library
// fails with EXT2_ET_RO_FILSYS.
errcode_t open_over(Channel& channel, int flags, int superblock, unsigned block_size,
                    ext2_filsys* opened);

}  // namespace vmsecurity::filesystem::ext
