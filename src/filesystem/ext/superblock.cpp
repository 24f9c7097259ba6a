#include "filesystem/ext/superblock.h"

#include <array>
#include <bit>
#include <limits>
#include <string_view>
#include <utility>

#include "filesystem/ext/features.h"

namespace vmsecurity::filesystem::ext {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::uint64_t kPrimaryOffset = 1024;
// The table of group descriptors of a 128 TiB file system with 4 KiB blocks. Sessions share it.
constexpr std::uint64_t kMaxDescriptorBytes = 64 * 1024 * 1024;

tl::unexpected<base::Error> damaged(std::string what) {
    return fail(ErrorCode::kCorrupt, "the ext superblock is damaged", {}, std::move(what));
}

bool power_of_two_within(std::uint64_t value, std::uint64_t low, std::uint64_t high) {
    return std::has_single_bit(value) && value >= low && value <= high;
}

std::uint64_t descriptor_size(const ext2_super_block& raw) {
    return (raw.s_feature_incompat & EXT4_FEATURE_INCOMPAT_64BIT) != 0 ? raw.s_desc_size
                                                                       : EXT2_MIN_DESC_SIZE;
}

Result<void> check_geometry(const Superblock& superblock, std::uint64_t source_size) {
    const ext2_super_block& raw = superblock.raw;
    const std::uint64_t block_size = superblock.block_size();
    const bool clusters = (raw.s_feature_ro_compat & EXT4_FEATURE_RO_COMPAT_BIGALLOC) != 0;
    if (clusters &&
        (raw.s_log_cluster_size < raw.s_log_block_size || raw.s_log_cluster_size > 20)) {
        return damaged("cluster size 2^" + std::to_string(raw.s_log_cluster_size));
    }
    const std::uint64_t cluster_blocks =
        clusters ? std::uint64_t{1} << (raw.s_log_cluster_size - raw.s_log_block_size) : 1;
    const std::uint64_t bits = 8 * block_size;  // of a bitmap block
    if (raw.s_blocks_per_group < 8 || raw.s_blocks_per_group > bits * cluster_blocks) {
        return damaged(std::to_string(raw.s_blocks_per_group) + " blocks in a group");
    }
    if (raw.s_inodes_per_group == 0 || raw.s_inodes_per_group > bits) {
        return damaged(std::to_string(raw.s_inodes_per_group) + " inodes in a group");
    }
    const std::uint64_t inode_size = EXT2_INODE_SIZE(&raw);
    if (!power_of_two_within(inode_size, EXT2_GOOD_OLD_INODE_SIZE, block_size)) {
        return damaged("inode size " + std::to_string(inode_size));
    }
    if (raw.s_first_data_block > 1 || superblock.blocks() <= raw.s_first_data_block) {
        return damaged("first data block " + std::to_string(raw.s_first_data_block));
    }
    const std::uint64_t groups = superblock.groups();
    if (groups > std::numeric_limits<std::uint32_t>::max() ||
        groups * raw.s_inodes_per_group != raw.s_inodes_count) {
        return damaged(std::to_string(raw.s_inodes_count) + " inodes do not fill " +
                       std::to_string(groups) + " groups");
    }
    if (superblock.first_inode() > raw.s_inodes_count) {
        return damaged("first inode " + std::to_string(superblock.first_inode()));
    }
    const std::uint64_t size = descriptor_size(raw);
    if (!power_of_two_within(size, EXT2_MIN_DESC_SIZE, 1024)) {
        return damaged("group descriptor size " + std::to_string(size));
    }
    if (groups * size > kMaxDescriptorBytes) {
        return fail(ErrorCode::kLimitExceeded, "the ext file system is too large: " +
                                                   std::to_string(groups) + " block groups");
    }
    if (groups * size > source_size) {
        return fail(ErrorCode::kTruncated,
                    "the device is too small to hold the group descriptors of its ext file system");
    }
    return {};
}

}  // namespace

std::uint64_t Superblock::blocks() const {
    const bool wide = (raw.s_feature_incompat & EXT4_FEATURE_INCOMPAT_64BIT) != 0;
    return raw.s_blocks_count | (wide ? std::uint64_t{raw.s_blocks_count_hi} << 32 : 0);
}

std::uint64_t Superblock::groups() const {
    return (blocks() - raw.s_first_data_block + raw.s_blocks_per_group - 1) /
           raw.s_blocks_per_group;
}

std::uint32_t Superblock::first_inode() const {
    return raw.s_rev_level == EXT2_GOOD_OLD_REV ? EXT2_GOOD_OLD_FIRST_INO : raw.s_first_ino;
}

Result<Superblock> read_superblock(BlockCache& cache, SuperblockPlace place) {
    Superblock superblock;
    superblock.place = place;
    const std::uint64_t offset = place.block == 0
                                     ? kPrimaryOffset
                                     : static_cast<std::uint64_t>(place.block) * place.block_size;
    static_assert(sizeof(superblock.raw) == SUPERBLOCK_SIZE);
    VMSECURITY_TRY(cache.read(
        offset, {reinterpret_cast<std::byte*>(&superblock.raw), sizeof(superblock.raw)}));
    const ext2_super_block& raw = superblock.raw;
    if (raw.s_magic != EXT2_SUPER_MAGIC) return damaged("no magic number");
    if (raw.s_log_block_size > EXT2_MAX_BLOCK_LOG_SIZE - EXT2_MIN_BLOCK_LOG_SIZE) {
        return damaged("block size 2^" + std::to_string(raw.s_log_block_size) + " KiB");
    }
    if (place.block != 0 && superblock.block_size() != place.block_size) {
        return damaged("a backup of another block size");
    }
    if (raw.s_rev_level > EXT2_LIB_CURRENT_REV) {
        return fail(ErrorCode::kUnsupported,
                    "ext revision " + std::to_string(raw.s_rev_level) + " is not known");
    }
    VMSECURITY_TRY(check_features(raw));
    VMSECURITY_TRY(check_geometry(superblock, cache.source().size()));
    return superblock;
}

std::vector<SuperblockPlace> backup_places(const Superblock* known) {
    // With sparse_super, groups 1 and the powers of 3, 5 and 7 hold copies.
    constexpr std::array<std::uint64_t, 6> kGroups{1, 3, 5, 7, 9, 25};
    std::vector<SuperblockPlace> places;
    const auto add = [&](std::uint64_t block_size, std::uint64_t first, std::uint64_t per_group) {
        for (const std::uint64_t group : kGroups) {
            const std::uint64_t block = first + group * per_group;
            if (block > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) break;
            places.push_back({static_cast<int>(block), static_cast<unsigned>(block_size)});
        }
    };
    if (known != nullptr) {
        add(known->block_size(), known->raw.s_first_data_block, known->raw.s_blocks_per_group);
        return places;
    }
    for (std::uint64_t block_size = 1024; block_size <= 64 * 1024; block_size *= 2) {
        add(block_size, block_size == 1024 ? 1 : 0, 8 * block_size);
    }
    return places;
}

}  // namespace vmsecurity::filesystem::ext
