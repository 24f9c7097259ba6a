#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "filesystem/ext/block_map.h"

namespace vmsecurity::filesystem::ext {

// The block map of ext2 and ext3 (kernel: Documentation/filesystems/ext4/blockmap.rst): 12 blocks
// named in the inode, then tables of one, two and three levels. Found without the library because
// ext2fs_bmap2 walks all levels anew for every single block.
class IndirectMap final : public BlockMap {
  public:
    IndirectMap(const Handle& handle, const Inode& inode) : handle_(handle), inode_(inode) {}
    base::Result<Run> find(std::uint64_t logical, std::uint64_t limit) override;

  private:
    struct Table {
        std::uint64_t block = 0;  // 0: nothing read yet
        std::vector<std::byte> bytes;
    };

    // The run of consecutive pointers in `pointers` from `index` on.
    base::Result<Run> run_in(base::ByteSpan pointers, std::size_t index, std::uint64_t limit) const;
    base::Result<base::ByteSpan> table(unsigned level, std::uint64_t block);

    const Handle& handle_;
    const Inode& inode_;
    std::array<Table, 3> tables_;  // the last one used of each level
};

}  // namespace vmsecurity::filesystem::ext
