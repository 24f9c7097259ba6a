#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "disk/block_source.h"

namespace vmsecurity::filesystem::testing {

// A file, or a range of it, as a disk. Counts what is read.
class FileSource final : public disk::BlockSource {
  public:
    static base::Result<std::shared_ptr<FileSource>> open(const std::string& path);
    FileSource(base::FileDescriptor file, std::uint64_t size)
        : file_(std::move(file)), size_(size) {}

    std::uint64_t size() const override { return size_; }
    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override;

    std::uint64_t reads() const { return reads_; }
    std::uint64_t bytes_read() const { return bytes_; }

  private:
    base::FileDescriptor file_;
    std::uint64_t size_;
    mutable std::atomic<std::uint64_t> reads_{0};
    mutable std::atomic<std::uint64_t> bytes_{0};
};

// Bytes in memory as a disk. Past them, up to `size`, are zeros.
class MemorySource final : public disk::BlockSource {
  public:
    explicit MemorySource(std::vector<std::byte> bytes)
        : bytes_(std::move(bytes)), size_(bytes_.size()) {}
    MemorySource(std::vector<std::byte> bytes, std::uint64_t size)
        : bytes_(std::move(bytes)), size_(size) {}

    std::uint64_t size() const override { return size_; }
    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override;

  private:
    std::vector<std::byte> bytes_;
    std::uint64_t size_;
};

}  // namespace vmsecurity::filesystem::testing
