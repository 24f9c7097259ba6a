#include "filesystem/ext/indirect_map.h"

#include <algorithm>

namespace vmsecurity::filesystem::ext {

using base::ByteSpan;
using base::load_le;
using base::Result;

namespace {

constexpr std::uint64_t kDirect = EXT2_NDIR_BLOCKS;
constexpr std::size_t kPointer = 4;

std::uint64_t pointer_at(ByteSpan pointers, std::size_t index) {
    return load_le<std::uint32_t>(pointers, index * kPointer);
}

}  // namespace

Result<Run> IndirectMap::run_in(ByteSpan pointers, std::size_t index, std::uint64_t limit) const {
    const std::size_t count = pointers.size() / kPointer;
    const std::uint64_t first = pointer_at(pointers, index);
    Run run{1, first};
    while (run.length < limit && index + run.length < count) {
        const std::uint64_t expected = first == 0 ? 0 : first + run.length;
        if (pointer_at(pointers, index + static_cast<std::size_t>(run.length)) != expected) break;
        ++run.length;
    }
    if (run.mapped()) VMSECURITY_TRY(handle_.check_blocks(first, run.length, inode_));
    return run;
}

Result<ByteSpan> IndirectMap::table(unsigned level, std::uint64_t block) {
    Table& table = tables_[level];
    if (table.block != block) {
        VMSECURITY_TRY(handle_.check_blocks(block, 1, inode_));
        table.block = 0;
        table.bytes.resize(handle_.block_size());
        VMSECURITY_TRY(handle_.read_block(block, table.bytes));
        table.block = block;
    }
    return ByteSpan(table.bytes);
}

Result<Run> IndirectMap::find(std::uint64_t logical, std::uint64_t limit) {
    const ByteSpan root = inode_.block_area();
    if (logical < kDirect) {
        return run_in(root.first(kDirect * kPointer), static_cast<std::size_t>(logical), limit);
    }
    const std::uint64_t fan = handle_.block_size() / kPointer;
    std::uint64_t rest = logical - kDirect;
    std::uint64_t span = fan;  // blocks below a table of this level
    unsigned levels = 1;
    while (rest >= span) {
        rest -= span;
        span *= fan;
        if (++levels > tables_.size()) return Run{limit, 0};  // beyond what the map can name
    }
    std::uint64_t block = pointer_at(root, kDirect + levels - 1);
    for (;;) {
        if (block == 0) return Run{std::min(limit, span - rest), 0};
        VMSECURITY_ASSIGN(const ByteSpan pointers, table(levels - 1, block));
        span /= fan;
        const auto index = static_cast<std::size_t>(rest / span);
        if (--levels == 0) return run_in(pointers, index, limit);
        block = pointer_at(pointers, index);
        rest %= span;
    }
}

}  // namespace vmsecurity::filesystem::ext
