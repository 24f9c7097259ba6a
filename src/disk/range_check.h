#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

// The part of `range` that lies inside a source of `size` bytes; safe against sums that overflow.
inline ByteRange cut_to_size(ByteRange range, std::uint64_t size) {
    if (range.offset >= size) return {size, 0};
    return {range.offset, std::min(range.length, size - range.offset)};
}

// kTruncated if a read of `length` bytes at `offset` ends past the source.
inline base::Result<void> check_range(const BlockSource& source, std::uint64_t offset,
                                      std::uint64_t length) {
    const std::uint64_t size = source.size();
    if (offset <= size && length <= size - offset) return {};
    return base::fail(
        base::ErrorCode::kTruncated, "the data ends too early", "offset " + std::to_string(offset),
        std::to_string(length) + " bytes wanted, the source has " + std::to_string(size));
}

}  // namespace vmsecurity::disk
