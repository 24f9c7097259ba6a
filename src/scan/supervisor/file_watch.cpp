#include "scan/supervisor/file_watch.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/text.h"

namespace vmsecurity::scan {
namespace {

bool equal(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool unchanged(const struct stat& before, const struct stat& after) {
    return before.st_size == after.st_size && before.st_nlink == after.st_nlink &&
           equal(before.st_mtim, after.st_mtim) && equal(before.st_ctim, after.st_ctim);
}

}  // namespace

base::Result<void> FileWatch::add(int descriptor, const std::string& name) {
    File file;
    file.name = base::printable(name);
    file.descriptor = base::FileDescriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!file.descriptor.valid() || ::fstat(descriptor, &file.status) != 0) {
        return base::fail(base::system_error(errno, "cannot watch " + file.name));
    }
    if (!S_ISREG(file.status.st_mode)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          file.name + " is no image file: whether it changes cannot be told");
    }
    files_.push_back(std::move(file));
    return {};
}

base::Result<void> FileWatch::check() const {
    for (const File& file : files_) {
        struct stat now{};
        if (::fstat(file.descriptor.get(), &now) != 0) {
            return base::fail(base::system_error(errno, "cannot look at " + file.name + " again"));
        }
        if (!unchanged(file.status, now)) {
            return base::fail(base::ErrorCode::kCorrupt,
                              file.name + " changed while it was being scanned");
        }
    }
    return {};
}

}  // namespace vmsecurity::scan
