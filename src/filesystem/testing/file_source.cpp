#include "filesystem/testing/file_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vmsecurity::filesystem::testing {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<std::shared_ptr<FileSource>> FileSource::open(const std::string& path) {
    VMSECURITY_ASSIGN(base::FileDescriptor file, base::open_file(path, O_RDONLY));
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    if (size < 0) return fail(base::system_error(errno, "cannot tell the size of " + path));
    return std::make_shared<FileSource>(std::move(file), static_cast<std::uint64_t>(size));
}

Result<void> FileSource::read(std::uint64_t offset, base::MutableByteSpan out) const {
    if (offset > size_ || out.size() > size_ - offset) {
        return fail(ErrorCode::kTruncated, "past the end of the source");
    }
    ++reads_;
    bytes_ += out.size();
    return base::read_exactly(file_.get(), offset, out);
}

Result<void> MemorySource::read(std::uint64_t offset, base::MutableByteSpan out) const {
    if (offset > size_ || out.size() > size_ - offset) {
        return fail(ErrorCode::kTruncated, "past the end of the source");
    }
    std::size_t real = 0;
    if (offset < bytes_.size()) {
        const auto begin = static_cast<std::size_t>(offset);
        real = std::min(out.size(), bytes_.size() - begin);
        std::memcpy(out.data(), bytes_.data() + begin, real);
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(real), out.end(), std::byte{0});
    return {};
}

}  // namespace vmsecurity::filesystem::testing
