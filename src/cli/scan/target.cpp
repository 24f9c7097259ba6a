#include "cli/scan/target.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"

namespace vmsecurity::cli {
namespace {

std::string parent_directory(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

base::Result<scan::ScanTarget> open_target(const std::string& path) {
    scan::ScanTarget target;
    target.name = base::escape_bytes(path);
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return base::fail(base::system_error(errno, "cannot scan " + target.name));
    }
    if (S_ISDIR(status.st_mode)) {
        target.kind = scan::protocol::TargetKind::kDirectory;
        VMSECURITY_ASSIGN(target.descriptor, base::open_file(path, O_RDONLY | O_DIRECTORY));
        return target;
    }
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "cannot scan " + target.name +
                              ": it is neither a directory, nor a disk image, nor a block device");
    }
    VMSECURITY_ASSIGN(target.descriptor, base::open_file(path, O_RDONLY | O_NONBLOCK));
    if (S_ISREG(status.st_mode)) {
        VMSECURITY_ASSIGN(target.directory,
                          base::open_file(parent_directory(path), O_RDONLY | O_DIRECTORY));
    }
    return target;
}

}  // namespace vmsecurity::cli
