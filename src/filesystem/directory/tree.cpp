#include "filesystem/directory/tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "base/text.h"

namespace vmsecurity::filesystem::directory {

using base::ErrorCode;
using base::fail;
using base::FileDescriptor;
using base::Result;

namespace {

std::uint64_t resolve_flags(bool cross_mounts) {
    const std::uint64_t inside = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    return cross_mounts ? inside : inside | RESOLVE_NO_XDEV;
}

// -1 and errno, as the system call.
int call_openat2(int directory, const char* path, std::uint64_t flags, std::uint64_t resolve) {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.resolve = resolve;
    for (;;) {
        const long descriptor = ::syscall(SYS_openat2, directory, path, &how, sizeof(how));
        // EAGAIN: a rename elsewhere made the kernel unsure whether the path stayed beneath.
        if (descriptor >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return static_cast<int>(descriptor);
        }
    }
}

// O_NOATIME is for owners only: who may not use it reads with the access time changing.
int open_quietly(int directory, const char* path, std::uint64_t flags, std::uint64_t resolve) {
    const int descriptor = call_openat2(directory, path, flags | O_NOATIME, resolve);
    if (descriptor >= 0 || errno != EPERM) return descriptor;
    return call_openat2(directory, path, flags, resolve);
}

tl::unexpected<base::Error> open_failure(int error_number, std::string_view path) {
    if (error_number == EXDEV) {
        return fail(ErrorCode::kOutOfScope,
                    "another file system is mounted here; --cross-mounts enters it");
    }
    if (error_number == ELOOP || error_number == ENOTDIR) {
        return fail(ErrorCode::kInvalidArgument, in_quotes(path) + " is not a directory");
    }
    if (error_number == ENOSYS) {
        return fail(ErrorCode::kUnsupported,
                    "this kernel lacks openat2(2): Linux 5.6 or newer is "
                    "needed to read a directory safely");
    }
    return fail(base::system_error(error_number, "cannot open " + in_quotes(path)));
}

}  // namespace

std::string in_quotes(std::string_view path) {
    if (path.empty()) return "the root";
    return "\"" + base::escape_bytes(path) + "\"";
}

Tree::Tree(int root, bool cross_mounts) : root_(root), cross_mounts_(cross_mounts) {}

Result<FileDescriptor> Tree::open_directory(std::string_view path) const {
    const std::uint64_t resolve = resolve_flags(cross_mounts_);
    std::string_view rest = path;
    FileDescriptor parent;
    int from = root_;
    while (rest.size() >= PATH_MAX) {
        const std::size_t slash = rest.rfind('/', PATH_MAX - 1);
        if (slash == std::string_view::npos || slash == 0) {
            return fail(ErrorCode::kInvalidArgument, "a name is longer than any can be");
        }
        const std::string piece(rest.substr(0, slash));
        FileDescriptor next(call_openat2(from, piece.c_str(), O_PATH | O_DIRECTORY, resolve));
        if (!next.valid()) return open_failure(errno, path);
        parent = std::move(next);
        from = parent.get();
        rest.remove_prefix(slash + 1);
    }
    const std::string last(rest.empty() ? "." : rest);
    FileDescriptor opened(open_quietly(from, last.c_str(),
                                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, resolve));
    if (!opened.valid()) return open_failure(errno, path);
    return opened;
}

Result<FileDescriptor> Tree::open_entry(int parent, const std::string& name) const {
    FileDescriptor opened(open_quietly(parent, name.c_str(),
                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                                       resolve_flags(cross_mounts_)));
    if (opened.valid()) return opened;
    if (errno == EXDEV) return open_failure(errno, name);
    return fail(base::system_error(errno, "cannot open " + in_quotes(name)));
}

}  // namespace vmsecurity::filesystem::directory
