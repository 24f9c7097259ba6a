#include "filesystem/ext/handle.h"

#include <cstring>
#include <utility>

namespace vmsecurity::filesystem::ext {

using base::ErrorCode;
using base::fail;
using base::MutableByteSpan;
using base::Result;

Handle::Handle(std::shared_ptr<BlockCache> cache, const Superblock& superblock)
    : superblock_(superblock), channel_{std::move(cache), std::nullopt} {}

Handle::~Handle() {
    if (library_ == nullptr) return;
    if (descriptors_of_) library_->group_desc = nullptr;  // not this one's to free
    ext2fs_free(library_);
}

Result<void> Handle::open_library(int extra_flags) {
    const SuperblockPlace place = superblock_.place;
    const errcode_t failed =
        open_over(channel_, EXT2_FLAG_64BITS | EXT2_FLAG_SKIP_MMP | extra_flags, place.block,
                  place.block_size, &library_);
    if (failed != 0) {
        library_ = nullptr;
        return fail(error_of(failed, "cannot open the ext file system",
                             place.block == 0
                                 ? "primary superblock"
                                 : "superblock in block " + std::to_string(place.block)));
    }
    // The source may be a disk in use: what read_superblock checked must still be what it says.
    const ext2_super_block& seen = *library_->super;
    if (library_->blocksize != block_size() || library_->group_desc_count != superblock_.groups() ||
        seen.s_inodes_count != superblock_.raw.s_inodes_count ||
        seen.s_inodes_per_group != superblock_.raw.s_inodes_per_group ||
        seen.s_inode_size != superblock_.raw.s_inode_size ||
        seen.s_desc_size != superblock_.raw.s_desc_size ||
        seen.s_feature_incompat != superblock_.raw.s_feature_incompat) {
        return fail(ErrorCode::kIo,
                    "the superblock changed while it was read; scan a snapshot, not a disk in use");
    }
    return {};
}

Result<std::shared_ptr<Handle>> Handle::open(std::shared_ptr<BlockCache> cache,
                                             const Superblock& superblock) {
    std::shared_ptr<Handle> handle(new Handle(std::move(cache), superblock));
    VMSECURITY_TRY(handle->open_library(0));
    return handle;
}

Result<std::shared_ptr<Handle>> Handle::open_sharing(std::shared_ptr<const Handle> first) {
    std::shared_ptr<Handle> handle(new Handle(first->cache(), first->superblock_));
    VMSECURITY_TRY(handle->open_library(EXT2_FLAG_SUPER_ONLY));
    // The library only reads the descriptors. Were they absent, it would fetch them one by one
    // through a buffer that all threads share.
    if (handle->library_->group_desc != nullptr) {
        return fail(ErrorCode::kInternal, "libext2fs read group descriptors unasked");
    }
    handle->library_->group_desc = first->library_->group_desc;
    handle->descriptors_of_ = std::move(first);
    return handle;
}

base::Error Handle::error_of(errcode_t code, std::string message, std::string where) const {
    if (channel_.error) {
        base::Error error = *std::exchange(channel_.error, std::nullopt);
        error.cause = error.describe();
        error.message = std::move(message);
        error.where = std::move(where);
        return error;
    }
    ErrorCode kind = ErrorCode::kCorrupt;
    if (code == EXT2_ET_NO_MEMORY) kind = ErrorCode::kLimitExceeded;
    if (code == EXT2_ET_UNSUPP_FEATURE) kind = ErrorCode::kUnsupported;
    return {kind, std::move(message), std::move(where), error_message(code)};
}

Result<Inode> Handle::read_inode(std::uint64_t number) const {
    const std::string where = "inode " + std::to_string(number);
    if (number == 0 || number > superblock_.raw.s_inodes_count) {
        return fail(ErrorCode::kCorrupt, "no such inode in the file system", where);
    }
    std::vector<std::byte> bytes(EXT2_INODE_SIZE(&superblock_.raw));
    channel_.error.reset();
    const errcode_t failed = ext2fs_read_inode_full(library_, static_cast<ext2_ino_t>(number),
                                                    reinterpret_cast<ext2_inode*>(bytes.data()),
                                                    static_cast<int>(bytes.size()));
    if (failed != 0) return fail(error_of(failed, "cannot read an inode", where));
    Inode inode(number, std::move(bytes));
    if (inode.raw().i_links_count == 0) {
        return fail(ErrorCode::kCorrupt, "the inode is not in use", where);
    }
    if (inode.type() == FileType::kUnknown) {
        return fail(ErrorCode::kCorrupt, "the inode has no valid file type", where);
    }
    return inode;
}

Result<void> Handle::read_block(std::uint64_t block, MutableByteSpan out) const {
    return channel_.cache->read(block * superblock_.block_size(), out);
}

Result<void> Handle::read_directory_block(const Inode& directory, std::uint64_t block,
                                          MutableByteSpan out) const {
    channel_.error.reset();
    const errcode_t failed = ext2fs_read_dir_block4(library_, block, out.data(), 0,
                                                    static_cast<ext2_ino_t>(directory.number()));
    if (failed == 0) return {};
    return fail(error_of(failed, "cannot read a block of a directory",
                         directory.where() + ", block " + std::to_string(block)));
}

Result<void> Handle::read_data(std::uint64_t offset, MutableByteSpan out) const {
    return channel_.cache->source().read(offset, out);
}

Result<void> Handle::check_blocks(std::uint64_t first, std::uint64_t count,
                                  const Inode& owner) const {
    const std::uint64_t blocks = superblock_.blocks();
    // Block 0, or 0 and 1, hold the boot sector and the superblock.
    if (first <= superblock_.raw.s_first_data_block || first >= blocks || count > blocks - first) {
        return fail(ErrorCode::kCorrupt, "a block pointer leads outside the file system",
                    owner.where() + ", block " + std::to_string(first));
    }
    return {};
}

}  // namespace vmsecurity::filesystem::ext
