#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "filesystem/ext/channel.h"
#include "filesystem/ext/inode.h"
#include "filesystem/ext/superblock.h"

namespace vmsecurity::filesystem::ext {

// An open file system of libext2fs, for one thread. Never reads a bitmap.
class Handle {
  public:
    // Reads the superblock and the group descriptors.
    static base::Result<std::shared_ptr<Handle>> open(std::shared_ptr<BlockCache> cache,
                                                      const Superblock& superblock);
    // Reads the superblock only; the descriptors are those of `first`, which lives on with it.
    static base::Result<std::shared_ptr<Handle>> open_sharing(std::shared_ptr<const Handle> first);

    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    base::Result<Inode> read_inode(std::uint64_t number) const;
    // `out` is one block of metadata; it goes through the cache.
    base::Result<void> read_block(std::uint64_t block, base::MutableByteSpan out) const;
    // A directory's block, its checksum verified.
    base::Result<void> read_directory_block(const Inode& directory, std::uint64_t block,
                                            base::MutableByteSpan out) const;
    // Content, past the cache.
    base::Result<void> read_data(std::uint64_t offset, base::MutableByteSpan out) const;

    // kCorrupt if the blocks are not all inside the file system. `owner` for the message.
    base::Result<void> check_blocks(std::uint64_t first, std::uint64_t count,
                                    const Inode& owner) const;

    ext2_filsys library() const { return library_; }
    const Superblock& superblock() const { return superblock_; }
    std::size_t block_size() const { return static_cast<std::size_t>(superblock_.block_size()); }
    const std::shared_ptr<BlockCache>& cache() const { return channel_.cache; }

  private:
    Handle(std::shared_ptr<BlockCache> cache, const Superblock& superblock);
    base::Result<void> open_library(int extra_flags);
    // The Error for a failure of the library: what the block source said, if that was the reason.
    base::Error error_of(errcode_t code, std::string message, std::string where) const;

    Superblock superblock_;
    mutable Channel channel_;
    ext2_filsys library_ = nullptr;
    std::shared_ptr<const Handle> descriptors_of_;
};

}  // namespace vmsecurity::filesystem::ext
