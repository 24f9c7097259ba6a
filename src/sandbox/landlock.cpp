#include "sandbox/landlock.h"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/file_descriptor.h"

namespace vmsecurity::sandbox {
namespace {

// All file-system rights by ABI version: a right that the kernel does not know makes the call fail.
std::uint64_t handled_rights(int abi) {
    std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // ABI 1: the first 13
    if (abi >= 2) rights |= std::uint64_t{1} << 13;                 // refer
    if (abi >= 3) rights |= std::uint64_t{1} << 14;                 // truncate
    if (abi >= 5) rights |= std::uint64_t{1} << 15;                 // ioctl on devices
    return rights;
}

}  // namespace

base::Result<int> restrict_paths(int readable_directory) {
    const long abi =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) return 0;

    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = handled_rights(static_cast<int>(abi));
    const base::FileDescriptor ruleset(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
    if (!ruleset.valid()) {
        return base::fail(base::system_error(errno, "cannot create a Landlock ruleset"));
    }
    if (readable_directory >= 0) {
        landlock_path_beneath_attr rule{};
        rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
        rule.parent_fd = readable_directory;
        if (::syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) !=
            0) {
            return base::fail(base::system_error(errno, "cannot add a Landlock rule"));
        }
    }
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
        return base::fail(base::system_error(errno, "cannot enforce the Landlock ruleset"));
    }
    return static_cast<int>(abi);
}

}  // namespace vmsecurity::sandbox
