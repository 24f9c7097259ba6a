#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace vmsecurity::base {

void FileDescriptor::reset() {
    // close(2) may be interrupted, and the descriptor is gone all the same: no retry.
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<FileDescriptor> FileDescriptor::duplicate() const {
    const int copy = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return fail(system_error(errno, "cannot duplicate a file descriptor"));
    return FileDescriptor(copy);
}

Result<FileDescriptor> open_file(const std::string& path, int flags, unsigned mode) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
        if (descriptor >= 0) return FileDescriptor(descriptor);
        if (errno != EINTR) return fail(system_error(errno, "cannot open " + path));
    }
}

Result<void> read_exactly(int descriptor, std::uint64_t offset, MutableByteSpan out) {
    while (!out.empty()) {
        const ssize_t count =
            ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
        if (count < 0) {
            if (errno == EINTR) continue;
            return fail(system_error(errno, "cannot read", "offset " + std::to_string(offset)));
        }
        if (count == 0) {
            return fail(ErrorCode::kTruncated, "the data ends too early",
                        "offset " + std::to_string(offset));
        }
        out = out.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

Result<void> write_all(int descriptor, ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0) {
            if (errno == EINTR) continue;
            return fail(system_error(errno, "cannot write"));
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Result<std::string> read_file(const std::string& path, std::uint64_t limit) {
    VMSECURITY_ASSIGN(const FileDescriptor file, open_file(path, O_RDONLY));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return fail(system_error(errno, "cannot examine " + path));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(ErrorCode::kInvalidArgument, path + " is not a regular file");
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limit) {
        return fail(ErrorCode::kLimitExceeded, path + " has " + std::to_string(size) +
                                                   " bytes, the limit is " + std::to_string(limit));
    }
    std::string content(size, '\0');
    VMSECURITY_TRY(read_exactly(file.get(), 0, std::as_writable_bytes(std::span(content))));
    return content;
}

}  // namespace vmsecurity::base
