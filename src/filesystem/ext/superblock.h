#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "filesystem/ext/block_cache.h"
#include "filesystem/ext/library.h"

namespace vmsecurity::filesystem::ext {

// Where a superblock was found, as ext2fs_open2 wants it: block 0 stands for the primary one.
struct SuperblockPlace {
    int block = 0;
    unsigned block_size = 0;  // bytes; 0 for the primary
};

struct Superblock {
    SuperblockPlace place;
    ext2_super_block raw{};

    std::uint64_t block_size() const { return std::uint64_t{1024} << raw.s_log_block_size; }
    std::uint64_t blocks() const;  // as it claims
    std::uint64_t groups() const;
    std::uint32_t first_inode() const;  // the first that is not reserved
};

// Reads the superblock at `place` and checks all that libext2fs would size memory or loops by. The
// layout is in the kernel's Documentation/filesystems/ext4/super.rst. kUnsupported names the
// features that cannot be read.
base::Result<Superblock> read_superblock(BlockCache& cache, SuperblockPlace place);

// Places of the backup copies to try, for every block size, nearest first. With `known`, those of
// its geometry only.
std::vector<SuperblockPlace> backup_places(const Superblock* known);

std::string kind_of(const Superblock& superblock);  // "ext2", "ext3", "ext4"

}  // namespace vmsecurity::filesystem::ext
