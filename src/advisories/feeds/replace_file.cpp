#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "advisories/feeds/file_writer.h"
#include "base/file_descriptor.h"

namespace vmsecurity::advisories {
namespace {

// Removes a half-written file unless it was renamed into place.
class TemporaryFile {
  public:
    explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
    ~TemporaryFile() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::string& path() const { return path_; }
    void keep() { path_.clear(); }

  private:
    std::string path_;
};

}  // namespace

base::Result<void> replace_file(const std::string& path, std::string_view content) {
    std::string name = path + ".XXXXXX";
    const base::FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file.valid()) return base::fail(base::system_error(errno, "cannot create " + path));
    TemporaryFile temporary(name);
    VMSECURITY_TRY(base::write_all(file.get(), base::as_bytes(content)));
    if (::fchmod(file.get(), 0644) != 0 || ::fsync(file.get()) != 0) {
        return base::fail(base::system_error(errno, "cannot write " + path));
    }
    if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
        return base::fail(base::system_error(errno, "cannot replace " + path));
    }
    temporary.keep();
    // The name is safe on disk only once its directory is.
    const std::string directory = std::filesystem::path(path).parent_path().string();
    VMSECURITY_ASSIGN(const base::FileDescriptor parent,
                      base::open_file(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY));
    if (::fsync(parent.get()) != 0) {
        return base::fail(base::system_error(errno, "cannot flush the directory of " + path));
    }
    return {};
}

}  // namespace vmsecurity::advisories
