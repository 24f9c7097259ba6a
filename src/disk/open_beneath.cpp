#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/text.h"
#include "disk/disk_image.h"

namespace vmsecurity::disk {
namespace {

using base::ErrorCode;

base::Result<void> check_name(std::string_view name) {
    const std::string shown = base::escape_bytes(name);
    if (name.empty() || name.find('\0') != std::string_view::npos) {
        return base::fail(ErrorCode::kInvalidArgument, "not a file name: '" + shown + "'");
    }
    if (name.starts_with('/')) {
        return base::fail(
            ErrorCode::kPermissionDenied,
            "'" + shown +
                "' is an absolute path; only files beside the image are "
                "opened: put it there and run qemu-img rebase -u -F FORMAT -b NAME IMAGE");
    }
    const auto parts = base::split(name, '/');
    if (std::ranges::find(parts, "..") != parts.end()) {
        return base::fail(ErrorCode::kPermissionDenied,
                          "'" + shown +
                              "' has '..' in it; only files in the image's directory and "
                              "below are opened");
    }
    return {};
}

}  // namespace

base::Result<base::FileDescriptor> open_beneath(int directory, std::string_view name) {
    VMSECURITY_TRY(check_name(name));
    const std::string path(name);
    const std::string shown = base::escape_bytes(name);
    open_how how{};
    // O_NONBLOCK: the name may be a pipe, on which open would wait for ever.
    how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        const long opened = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
        if (opened >= 0) {
            base::FileDescriptor file(static_cast<int>(opened));
            struct stat status{};
            if (::fstat(file.get(), &status) != 0) {
                return base::fail(base::system_error(errno, "cannot examine '" + shown + "'"));
            }
            if (!S_ISREG(status.st_mode)) {
                return base::fail(ErrorCode::kPermissionDenied,
                                  "'" + shown + "' is not a regular file");
            }
            return file;
        }
        // EAGAIN: something was renamed while the kernel walked the path.
        if (errno == EINTR || errno == EAGAIN) continue;
        if (errno == EXDEV) {
            return base::fail(ErrorCode::kPermissionDenied,
                              "'" + shown + "' leads out of the image's directory");
        }
        return base::fail(base::system_error(errno, "cannot open '" + shown + "'"));
    }
}

}  // namespace vmsecurity::disk
