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
    ~MappedFile();

    base::ByteSpan bytes() const { return bytes_; }

  private:
    explicit MappedFile(base::ByteSpan bytes) : bytes_(bytes) {}
    base::ByteSpan bytes_;
};

}  // namespace vmsecurity::advisories
