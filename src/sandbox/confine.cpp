#include "sandbox/confine.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sandbox/landlock.h"
#include "sandbox/system_calls.h"

#if defined(__SANITIZE_ADDRESS__)
#define VMSECURITY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VMSECURITY_SANITIZED 1
#endif
#endif

namespace vmsecurity::sandbox {
namespace {

#if defined(VMSECURITY_SANITIZED)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

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
    const std::uint32_t keep =
        policy.readable_directory >= 0 ? std::uint32_t{1} << CAP_DAC_READ_SEARCH : 0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        const std::uint32_t mask = i == 0 ? keep : 0;
        sets[i].effective &= mask;
        sets[i].permitted &= mask;
        sets[i].inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, sets.data()) != 0) {
        return base::fail(base::system_error(errno, "cannot drop capabilities"));
    }
    return {};
}

}  // namespace

base::Result<std::string> confine(const Policy& policy) {
    if constexpr (kSanitized) return "none: sanitizer build";

    if (::prctl(PR_SET_DUMPABLE, 0) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return base::fail(base::system_error(errno, "cannot give up privileges"));
    }
    // Needs CAP_SYS_ADMIN; without it seccomp alone keeps the network away (no socket() in the
    // allow-list).
    const bool namespaces = ::unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0;
    VMSECURITY_TRY(set_limits(policy));
    VMSECURITY_TRY(drop_capabilities(policy));
    VMSECURITY_ASSIGN(const int landlock, restrict_paths(policy.readable_directory));
    VMSECURITY_TRY(restrict_system_calls(policy));
    return fmt::format("seccomp, rlimits{}{}",
                       landlock > 0 ? fmt::format(", Landlock {}", landlock) : ", no Landlock",
                       namespaces ? ", namespaces" : "");
}

}  // namespace vmsecurity::sandbox
