#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// A regular file mapped read-only. Pages are read as they are touched. A file that somebody
// shortens in place while it is mapped cannot be guarded against (SIGBUS); builds never do that,
// they replace the name.
class MappedFile {
  public:
    static base::Result<MappedFile> open(const std::string& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    base::ByteSpan bytes() const { return {static_cast<const std::byte*>(start_), size_}; }

  private:
    MappedFile(void* start, std::size_t size) : start_(start), size_(size) {}
    void* start_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace vmsecurity::advisories
