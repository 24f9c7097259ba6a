#include "filesystem/ext/extent_map.h"

#include <algorithm>

namespace vmsecurity::filesystem::ext {

using base::ByteSpan;
using base::ErrorCode;
using base::fail;
using base::load_le;
using base::Result;

namespace {

constexpr std::uint16_t kMagic = 0xF30A;
constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kEntrySize = 12;
constexpr unsigned kMaxDepth = 5;  // as the kernel's EXT4_MAX_EXTENT_DEPTH
constexpr std::uint64_t kLogicalEnd = std::uint64_t{1} << 32;
constexpr std::uint64_t kMaxWrittenLength = 32768;  // longer means: minus this, and unwritten

// Header: magic, entries, capacity, depth (16 bits each), generation (32).
std::size_t entries_of(ByteSpan node) {
    return load_le<std::uint16_t>(node, 2);
}
std::size_t capacity_of(ByteSpan node) {
    return load_le<std::uint16_t>(node, 4);
}
unsigned depth_of(ByteSpan node) {
    return load_le<std::uint16_t>(node, 6);
}
std::size_t entry_offset(std::size_t index) {
    return kHeaderSize + index * kEntrySize;
}

// Both kinds of entry begin with the first logical block.
std::uint64_t entry_logical(ByteSpan node, std::size_t index) {
    return load_le<std::uint32_t>(node, entry_offset(index));
}

}  // namespace

tl::unexpected<base::Error> ExtentMap::damaged(std::string cause) const {
    return fail(ErrorCode::kCorrupt, "the extent tree of a file is damaged", inode_.where(),
                std::move(cause));
}

Result<unsigned> ExtentMap::check_header(ByteSpan node) const {
    if (load_le<std::uint16_t>(node, 0) != kMagic) return damaged("no magic number in a node");
    if (entries_of(node) > capacity_of(node) || entry_offset(capacity_of(node)) > node.size()) {
        return damaged("a node with more entries than it has room for");
    }
    return depth_of(node);
}

Result<ExtentMap::Child> ExtentMap::choose_child(ByteSpan node, std::uint64_t logical,
                                                 Range range) const {
    const std::size_t entries = entries_of(node);
    Child child{0, range};
    // Index entry: first logical block (32), child's block, low (32) and high (16), unused (16).
    for (std::size_t i = 0; i < entries; ++i) {
        const std::uint64_t begin = entry_logical(node, i);
        if (begin < range.begin || begin >= range.end ||
            (i > 0 && begin <= entry_logical(node, i - 1))) {
            return damaged("an index out of order");
        }
        if (begin > logical) {
            child.range.end = begin;
            break;
        }
        const std::size_t at = entry_offset(i);
        child.block = load_le<std::uint32_t>(node, at + 4) |
                      (std::uint64_t{load_le<std::uint16_t>(node, at + 8)} << 32);
        child.range.begin = begin;
    }
    return child;  // block 0: `logical` lies before the first child
}

Result<void> ExtentMap::take_leaf(ByteSpan node, Range range) {
    const std::size_t entries = entries_of(node);
    leaf_.clear();
    leaf_.reserve(entries);
    std::uint64_t previous_end = range.begin;
    // Extent: first logical block (32), length (16), first block, high (16) and low (32).
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t at = entry_offset(i);
        Extent extent;
        extent.logical = entry_logical(node, i);
        extent.length = load_le<std::uint16_t>(node, at + 4);
        extent.physical = load_le<std::uint32_t>(node, at + 8) |
                          (std::uint64_t{load_le<std::uint16_t>(node, at + 6)} << 32);
        const bool unwritten = extent.length > kMaxWrittenLength;
        if (unwritten) extent.length -= kMaxWrittenLength;
        if (extent.length == 0 || extent.logical < previous_end ||
            extent.logical + extent.length > range.end) {
            return damaged("an extent out of order");
        }
        previous_end = extent.logical + extent.length;
        VMSECURITY_TRY(handle_.check_blocks(extent.physical, extent.length, inode_));
        if (unwritten) extent.physical = 0;
        leaf_.push_back(extent);
    }
    leaf_range_ = range;
    return {};
}

Result<void> ExtentMap::load_leaf(std::uint64_t logical) {
    leaf_range_ = {};
    Range range{0, kLogicalEnd};
    ByteSpan node = inode_.block_area();
    VMSECURITY_ASSIGN(unsigned depth, check_header(node));
    if (depth > kMaxDepth) return damaged("depth " + std::to_string(depth));
    std::vector<std::byte> block;
    while (depth > 0) {
        VMSECURITY_ASSIGN(const Child child, choose_child(node, logical, range));
        if (child.block == 0) {
            leaf_.clear();
            leaf_range_ = child.range;
            return {};
        }
        VMSECURITY_TRY(handle_.check_blocks(child.block, 1, inode_));
        block.resize(handle_.block_size());
        VMSECURITY_TRY(handle_.read_block(child.block, block));
        VMSECURITY_ASSIGN(const unsigned child_depth, check_header(block));
        if (child_depth != depth - 1) return damaged("a child of the wrong depth");
        // Only after check_header: the library finds the checksum behind the claimed capacity.
        if (ext2fs_extent_block_csum_verify(
                handle_.library(), static_cast<ext2_ino_t>(inode_.number()),
                reinterpret_cast<ext3_extent_header*>(block.data())) == 0) {
            return damaged("wrong checksum in block " + std::to_string(child.block));
        }
        node = block;
        range = child.range;
        depth = child_depth;
    }
    return take_leaf(node, range);
}

Result<Run> ExtentMap::find(std::uint64_t logical, std::uint64_t limit) {
    if (logical >= kLogicalEnd) return Run{limit, 0};
    if (logical < leaf_range_.begin || logical >= leaf_range_.end) {
        VMSECURITY_TRY(load_leaf(logical));
    }
    const auto after = std::ranges::upper_bound(leaf_, logical, {}, &Extent::logical);
    if (after != leaf_.begin()) {
        const Extent& extent = *std::prev(after);
        const std::uint64_t within = logical - extent.logical;
        if (within < extent.length) {
            const std::uint64_t physical = extent.physical == 0 ? 0 : extent.physical + within;
            return Run{std::min(limit, extent.length - within), physical};
        }
    }
    const std::uint64_t hole_end = after == leaf_.end() ? leaf_range_.end : after->logical;
    return Run{std::min(limit, hole_end - logical), 0};
}

}  // namespace vmsecurity::filesystem::ext
