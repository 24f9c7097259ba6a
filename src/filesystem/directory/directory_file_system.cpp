#include <sys/stat.h>

#include <cerrno>

#include "filesystem/directory/session.h"
#include "filesystem/open.h"

namespace vmsecurity::filesystem {

namespace directory {
namespace {

class DirectoryFileSystem final : public FileSystem {
  public:
    explicit DirectoryFileSystem(std::shared_ptr<const Root> root) : root_(std::move(root)) {
        info_.kind = "directory";
    }

    const FileSystemInfo& info() const override { return info_; }
    base::Result<std::unique_ptr<Session>> open_session() const override {
        return std::make_unique<DirectorySession>(root_);
    }

  private:
    std::shared_ptr<const Root> root_;
    FileSystemInfo info_;
};

}  // namespace
}  // namespace directory

base::Result<std::unique_ptr<FileSystem>> open_directory(base::FileDescriptor descriptor,
                                                         DirectoryOptions options) {
    struct stat raw{};
    if (::fstat(descriptor.get(), &raw) != 0) {
        return base::fail(base::system_error(errno, "cannot examine the directory"));
    }
    if (!S_ISDIR(raw.st_mode)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the target is not a directory");
    }
    auto root = std::make_shared<directory::Root>();
    root->descriptor = std::move(descriptor);
    root->inode = raw.st_ino;
    root->device = raw.st_dev;
    root->cross_mounts = options.cross_mounts;
    return std::make_unique<directory::DirectoryFileSystem>(std::move(root));
}

}  // namespace vmsecurity::filesystem
