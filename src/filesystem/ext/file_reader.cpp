#include "filesystem/ext/file_reader.h"

#include <algorithm>
#include <cstring>

namespace vmsecurity::filesystem::ext {

using base::MutableByteSpan;
using base::Result;

BlockFileReader::BlockFileReader(std::shared_ptr<const Handle> handle, Inode inode)
    : handle_(std::move(handle)),
      inode_(std::move(inode)),
      map_(make_block_map(*handle_, inode_)) {}

Result<std::size_t> BlockFileReader::read(std::uint64_t offset, MutableByteSpan out) {
    const std::uint64_t size = inode_.size();
    if (offset >= size) return std::size_t{0};
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size - offset)));
    const std::uint64_t block_size = handle_->block_size();
    const std::size_t total = out.size();
    while (!out.empty()) {
        const std::uint64_t within = offset % block_size;
        const std::uint64_t wanted = (within + out.size() + block_size - 1) / block_size;
        VMSECURITY_ASSIGN(const Run run, map_->find(offset / block_size, wanted));
        const MutableByteSpan part = out.first(static_cast<std::size_t>(
            std::min<std::uint64_t>(out.size(), run.length * block_size - within)));
        if (run.mapped()) {
            if (auto read = handle_->read_data(run.physical * block_size + within, part); !read) {
                base::Error error = std::move(read).error();
                error.cause = error.describe();
                error.message = "cannot read the content of a file";
                error.where = inode_.where() + ", offset " + std::to_string(offset);
                return base::fail(std::move(error));
            }
        } else {
            std::memset(part.data(), 0, part.size());
        }
        out = out.subspan(part.size());
        offset += part.size();
    }
    return total;
}

Result<std::size_t> InlineFileReader::read(std::uint64_t offset, MutableByteSpan out) {
    if (offset >= content_.size()) return std::size_t{0};
    const auto begin = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(out.size(), content_.size() - begin);
    std::memcpy(out.data(), content_.data() + begin, count);
    return count;
}

}  // namespace vmsecurity::filesystem::ext
