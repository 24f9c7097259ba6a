#include "sandbox/system_calls.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

namespace vmsecurity::sandbox {
namespace {

using Context =
    std::unique_ptr<void, decltype([](scmp_filter_ctx context) { seccomp_release(context); })>;

// What every worker does: talk over descriptors it was given, manage memory, end.
constexpr auto kAlways = std::to_array<int>({
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(lseek),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
});

constexpr auto kThreads = std::to_array<int>({
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
});

constexpr auto kMemoryFiles = std::to_array<int>({
    SCMP_SYS(memfd_create),
    SCMP_SYS(ftruncate),
    SCMP_SYS(pwrite64),
});

constexpr auto kDirectories = std::to_array<int>({
    SCMP_SYS(openat2),
    SCMP_SYS(getdents64),
    SCMP_SYS(readlinkat),
    SCMP_SYS(statx),
});

// Libraries try these on their own (locales, /proc, /sys) and cope without.
constexpr auto kRefused = std::to_array<int>({
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(stat),
    SCMP_SYS(access),
    SCMP_SYS(readlink),
    SCMP_SYS(ioctl),
});

constexpr auto kRefusedWithoutDirectory = std::to_array<int>({
    SCMP_SYS(openat2),
    SCMP_SYS(statx),
});

// fcntl(2) can aim a signal at any process of the user (F_SETOWN, F_SETSIG): only these.
constexpr auto kDescriptorCommands = std::to_array<std::uint64_t>({
    F_GETFD,
    F_SETFD,
    F_GETFL,
    F_DUPFD_CLOEXEC,
    F_ADD_SEALS,
    F_GET_SEALS,
});

class Filter {
  public:
    explicit Filter(scmp_filter_ctx context) : context_(context) {}

    void add(std::uint32_t action, std::span<const int> calls) {
        for (const int call : calls) note(seccomp_rule_add(context_, action, call, 0));
    }
    void note(int result) {
        if (result < 0 && error_ == 0) error_ = -result;
    }
    void allow_if(int call, const scmp_arg_cmp& condition) {
        note(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 1, &condition));
    }
    int error() const { return error_; }

  private:
    scmp_filter_ctx context_;
    int error_ = 0;
};

}  // namespace

base::Result<void> restrict_system_calls(const Policy& policy) {
    const Context context(seccomp_init(SCMP_ACT_KILL_PROCESS));
    if (!context) {
        return base::fail(base::ErrorCode::kInternal, "cannot make a seccomp filter");
    }
    Filter filter(context.get());
    filter.note(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_TSYNC, 1));
    filter.add(SCMP_ACT_ALLOW, kAlways);
    if (policy.memory_file_size > 0) filter.add(SCMP_ACT_ALLOW, kMemoryFiles);
    if (policy.threads) {
        filter.add(SCMP_ACT_ALLOW, kThreads);
        // clone3 passes its flags by pointer, out of a filter's sight: refused, so that glibc falls
        // back to clone, which may make threads and nothing else.
        filter.note(seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
        constexpr std::uint64_t kThread = CLONE_THREAD | CLONE_VM;
        filter.allow_if(SCMP_SYS(clone), {0, SCMP_CMP_MASKED_EQ, kThread, kThread});
    }
    // abort(3) signals its own thread; nobody else is to be signalled.
    filter.allow_if(SCMP_SYS(tgkill), {0, SCMP_CMP_EQ, static_cast<std::uint64_t>(::getpid()), 0});
    for (const std::uint64_t command : kDescriptorCommands) {
        filter.allow_if(SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, command, 0});
    }
    filter.add(SCMP_ACT_ERRNO(EACCES), kRefused);
    if (policy.readable_directory >= 0) {
        filter.add(SCMP_ACT_ALLOW, kDirectories);
    } else {
        filter.add(SCMP_ACT_ERRNO(EACCES), kRefusedWithoutDirectory);
    }
    if (filter.error() == 0) filter.note(seccomp_load(context.get()));
    if (filter.error() != 0) {
        return base::fail(base::system_error(
            filter.error(), "this host cannot confine worker processes by seccomp"));
    }
    return {};
}

}  // namespace vmsecurity::sandbox
