#pragma once

#include <cstdint>
#include <vector>

#include "filesystem/ext/block_map.h"

namespace vmsecurity::filesystem::ext {

// The extent tree of ext4 (kernel: Documentation/filesystems/ext4/ifork.rst). libext2fs has a
// reader for it, which trusts the depth and the order that the nodes claim; here a child must be
// one level below its parent and stay inside the parent's range, so a tree that refers to itself
// ends at the first step that is not downwards.
class ExtentMap final : public BlockMap {
  public:
    ExtentMap(const Handle& handle, const Inode& inode) : handle_(handle), inode_(inode) {}
    base::Result<Run> find(std::uint64_t logical, std::uint64_t limit) override;

  private:
    struct Extent {
        std::uint64_t logical = 0;
        std::uint64_t length = 0;
        std::uint64_t physical = 0;  // 0: allocated, never written
    };
    // The logical blocks that a node is about, [begin, end).
    struct Range {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };
    struct Child {
        std::uint64_t block = 0;
        Range range;
    };

    base::Result<void> load_leaf(std::uint64_t logical);
    base::Result<unsigned> check_header(base::ByteSpan node) const;  // answers with the depth
    base::Result<Child> choose_child(base::ByteSpan node, std::uint64_t logical, Range range) const;
    base::Result<void> take_leaf(base::ByteSpan node, Range range);
    tl::unexpected<base::Error> damaged(std::string cause) const;

    const Handle& handle_;
    const Inode& inode_;
    Range leaf_range_;  // of `leaf_`; empty before the first look-up
    std::vector<Extent> leaf_;
};

}  // namespace vmsecurity::filesystem::ext
