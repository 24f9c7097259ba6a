#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "filesystem/ext/handle.h"

namespace vmsecurity::filesystem::ext {

// Blocks of a file that lie together on the disk, or a hole.
struct Run {
    std::uint64_t length = 0;    // blocks, at least 1
    std::uint64_t physical = 0;  // the first one on the disk; 0: reads as zeros
    bool mapped() const { return physical != 0; }
};

// Where the blocks of one file are. A node of the map is fetched when a block below it is asked
// for; the one used last is kept. Every pointer is checked against the file system's size.
class BlockMap {
  public:
    virtual ~BlockMap() = default;
    // The run that begins exactly at block `logical` of the file, cut at `limit` blocks (1 at
    // least); a hole may be cut shorter than it is.
    virtual base::Result<Run> find(std::uint64_t logical, std::uint64_t limit) = 0;
};

// By extents (ext4) or indirect blocks (ext2, ext3), as the inode says. `handle` and `inode` must
// outlive the map.
std::unique_ptr<BlockMap> make_block_map(const Handle& handle, const Inode& inode);

}  // namespace vmsecurity::filesystem::ext
