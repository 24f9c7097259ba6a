#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vmsecurity::disk {

// A run of bytes, [offset, offset + length).
struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint64_t end() const { return offset + length; }
    bool operator==(const ByteRange&) const = default;
};

// The bytes of a disk, a partition or a snapshot, read only. Every implementation may be used by
// many threads at once.
class BlockSource {
  public:
    virtual ~BlockSource() = default;

    virtual std::uint64_t size() const = 0;  // bytes

    // Fills `out` with the bytes from `offset` on. A range that ends past size() is kTruncated;
    // `out` is then unspecified. A hole reads as zeros.
    virtual base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const = 0;

    // The ranges inside `within` that hold data, ascending and disjoint; the rest reads as zeros. A
    // source that cannot tell answers with `within` itself (cut at size()).
    virtual base::Result<std::vector<ByteRange>> allocated(ByteRange within) const;
};

using BlockSourcePtr = std::shared_ptr<const BlockSource>;

// The part of `parent` that `range` names (a partition). `range` must lie inside the parent.
BlockSourcePtr make_slice(BlockSourcePtr parent, ByteRange range);

}  // namespace vmsecurity::disk
