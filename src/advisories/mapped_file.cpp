#include "advisories/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/file_descriptor.h"

namespace vmsecurity::advisories {

base::Result<MappedFile> MappedFile::open(const std::string& path) {
    VMSECURITY_ASSIGN(const base::FileDescriptor file,
                      base::open_file(path, O_RDONLY | O_NONBLOCK));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return base::fail(base::system_error(errno, "cannot examine " + path));
    }
    if (!S_ISREG(status.st_mode)) {
        return base::fail(base::ErrorCode::kInvalidArgument, path + " is not a regular file");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) return MappedFile(nullptr, 0);
    void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (start == MAP_FAILED) return base::fail(base::system_error(errno, "cannot map " + path));
    return MappedFile(start, size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
    if (size_ > 0) ::munmap(start_, size_);
}

}  // namespace vmsecurity::advisories
