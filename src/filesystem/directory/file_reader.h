#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::directory {

// A regular file by pread(2).
class DirectoryFileReader final : public FileReader {
  public:
    DirectoryFileReader(base::FileDescriptor file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    base::Result<std::size_t> read(std::uint64_t offset, base::MutableByteSpan out) override;

  private:
    base::FileDescriptor file_;
    std::string path_;  // for messages
};

}  // namespace vmsecurity::filesystem::directory
