#include "sandbox/confine.h"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "sandbox/landlock.h"
#include "sandbox/sanitized.h"
#include "sandbox/system_calls.h"

namespace vmsecurity::sandbox {
namespace {

base::Result<void> set_limit(decltype(RLIMIT_AS) resource, std::uint64_t value, const char* name) {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0) {
        return base::fail(base::system_error(errno, "cannot read a resource limit", name));
    }
    // A lower limit that is already there stays.
    const rlim_t bounded =
        now.rlim_max == RLIM_INFINITY ? value : std::min<rlim_t>(value, now.rlim_max);
    const rlimit wanted{bounded, bounded};
    if (::setrlimit(resource, &wanted) != 0) {
        return base::fail(base::system_error(errno, "cannot set a resource limit", name));
    }
    return {};
}

base::Result<void> set_limits(const Policy& policy) {
    VMSECURITY_TRY(set_limit(RLIMIT_CORE, 0, "core"));
    VMSECURITY_TRY(set_limit(RLIMIT_FSIZE, policy.memory_file_size, "file size"));
    VMSECURITY_TRY(set_limit(RLIMIT_NOFILE, policy.open_files, "open files"));
    if (policy.address_space > 0) {
        VMSECURITY_TRY(set_limit(RLIMIT_AS, policy.address_space, "address space"));
    }
    return {};
}

// Capabilities by capset(2) itself: libcap would be a library more for one call.
base::Result<void> drop_capabilities(const Policy& policy) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) {
        return base::fail(base::system_error(errno, "cannot read the process's capabilities"));
    }
    // Reading what root may read, and doing so without touching access times (O_NOATIME); calls
    // that could use CAP_FOWNER for more are not in the allow-list.
    const std::uint32_t keep =
        policy.readable_directory >= 0
            ? (std::uint32_t{1} << CAP_DAC_READ_SEARCH) | (std::uint32_t{1} << CAP_FOWNER)
            : 0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        const std::uint32_t mask = i == 0 ? keep : 0;
        sets[i].permitted &= mask;
        sets[i].effective = sets[i].permitted;  // changing the user has cleared it
        sets[i].inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, sets.data()) != 0) {
        return base::fail(base::system_error(errno, "cannot drop capabilities"));
    }
    return {};
}

// Root without capabilities still owns root's files. Where "nobody" is no id of this user
// namespace, the process stays who it is.
base::Result<void> become_nobody() {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() != 0) return {};
    if (::prctl(PR_SET_KEEPCAPS, 1) != 0) {
        return base::fail(base::system_error(errno, "cannot change the user"));
    }
    if ((::setgroups(0, nullptr) != 0 && errno != EPERM) ||
        ::setresgid(kNobody, kNobody, kNobody) != 0 ||
        ::setresuid(kNobody, kNobody, kNobody) != 0) {
        if (errno == EINVAL) return {};
        return base::fail(base::system_error(errno, "cannot change the user"));
    }
    // Changing the user has undone it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return {};
}

}  // namespace

base::Result<std::string> confine(const Policy& policy) {
    if constexpr (kSanitized) return "none: sanitizer build";

    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return base::fail(base::system_error(errno, "cannot give up privileges"));
    }
    // Needs CAP_SYS_ADMIN; without it seccomp alone keeps the network away (no socket() in the
    // allow-list).
    const bool namespaces = ::unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0;
    VMSECURITY_TRY(become_nobody());
    VMSECURITY_TRY(set_limits(policy));
    VMSECURITY_TRY(drop_capabilities(policy));
    ::prctl(PR_SET_DUMPABLE, 0);
    VMSECURITY_ASSIGN(const int landlock, restrict_paths(policy.readable_directory));
    VMSECURITY_TRY(restrict_system_calls(policy));
    return fmt::format("seccomp, rlimits{}{}",
                       landlock > 0 ? fmt::format(", Landlock {}", landlock) : ", no Landlock",
                       namespaces ? ", namespaces" : "");
}

}  // namespace vmsecurity::sandbox
