#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace vmsecurity::base {

// Owns one file descriptor; closes it when it goes.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    ~FileDescriptor() { reset(); }
    FileDescriptor(FileDescriptor&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        if (this != &other) {
            reset();
            descriptor_ = std::exchange(other.descriptor_, -1);
        }
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    int get() const { return descriptor_; }
    bool valid() const { return descriptor_ >= 0; }
    int release() { return std::exchange(descriptor_, -1); }
    void reset();

    Result<FileDescriptor> duplicate() const;

  private:
    int descriptor_ = -1;
};

// open(2) with O_CLOEXEC added. `flags` as in open(2); `path` is taken as it is, links followed.
Result<FileDescriptor> open_file(const std::string& path, int flags, unsigned mode = 0600);

// pread(2) until `out` is full. Fewer bytes before the end of the file is kTruncated.
Result<void> read_exactly(int descriptor, std::uint64_t offset, MutableByteSpan out);

// write(2) until all is written.
Result<void> write_all(int descriptor, ByteSpan bytes);

// A whole regular file of at most `limit` bytes; larger is kLimitExceeded.
Result<std::string> read_file(const std::string& path, std::uint64_t limit);

}  // namespace vmsecurity::base
