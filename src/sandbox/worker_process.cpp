#include "sandbox/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "sandbox/sanitized.h"

namespace vmsecurity::sandbox {
namespace {

// What of the environment a worker may see: nothing that could hold a secret.
std::vector<std::string> worker_environment() {
    std::vector<std::string> kept = {"PATH=/usr/bin:/bin"};
    for (const char* name : {"LANG", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
        if (const char* value = std::getenv(name))
            kept.push_back(fmt::format("{}={}", name, value));
    }
    return kept;
}

std::vector<char*> as_pointers(std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (std::string& text : strings) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

class SpawnActions {
  public:
    SpawnActions() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
    }
    ~SpawnActions() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    SpawnActions(SpawnActions&&) = delete;
    SpawnActions& operator=(SpawnActions&&) = delete;

    int prepare(int channel) {
        // Signals: the terminal's Ctrl-C is the supervisor's business, so a worker gets a group of
        // its own and default dispositions.
        sigset_t none;
        sigemptyset(&none);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
        if (const int error = add_null(STDIN_FILENO, O_RDONLY)) return error;
        // Standard output is the report's; and what the caller left open is no worker's business.
        if (const int error = add_null(STDOUT_FILENO, O_WRONLY)) return error;
        // What a worker has to say it says over the channel; only a sanitizer's report cannot.
        if (!kSanitized) {
            if (const int error = add_null(STDERR_FILENO, O_WRONLY)) return error;
        }
        if (const int error =
                posix_spawn_file_actions_adddup2(&actions_, channel, kWorkerChannel)) {
            return error;
        }
        return posix_spawn_file_actions_addclosefrom_np(&actions_, kWorkerChannel + 1);
    }
    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    int add_null(int descriptor, int flags) {
        return posix_spawn_file_actions_addopen(&actions_, descriptor, "/dev/null", flags, 0);
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

std::string WorkerExit::describe() const {
    if (!signalled) return fmt::format("exited with status {}", code);
    if (code == SIGSYS) return "made a system call that the sandbox forbids (SIGSYS)";
    return fmt::format("was ended by signal {} ({})", code, ::strsignal(code));
}

WorkerProcess::WorkerProcess(Channel channel, pid_t process_id)
    : channel_(std::move(channel)), process_id_(process_id) {}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : channel_(std::move(other.channel_)), process_id_(std::exchange(other.process_id_, -1)) {}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept {
    if (this != &other) {
        end();
        channel_ = std::move(other.channel_);
        process_id_ = std::exchange(other.process_id_, -1);
    }
    return *this;
}

WorkerProcess::~WorkerProcess() {
    end();
}

void WorkerProcess::end() {
    if (process_id_ < 0) return;
    kill();
    wait();
}

base::Result<WorkerProcess> WorkerProcess::start(const std::string& program,
                                                 const std::vector<std::string>& arguments) {
    VMSECURITY_ASSIGN(auto ends, Channel::make_pair());
    // dup2 onto itself would leave close-on-exec set; a descriptor above the target never is the
    // target.
    const base::FileDescriptor far_end(
        ::fcntl(ends.second.descriptor(), F_DUPFD_CLOEXEC, kWorkerChannel + 1));
    if (!far_end.valid()) return base::fail(base::system_error(errno, "cannot start a worker"));

    SpawnActions actions;
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = worker_environment();
    pid_t process_id = -1;
    int error = actions.prepare(far_end.get());
    if (error == 0) {
        error = ::posix_spawn(&process_id, program.c_str(), actions.actions(), actions.attributes(),
                              as_pointers(words).data(), as_pointers(environment).data());
    }
    if (error != 0) {
        return base::fail(base::system_error(error, "cannot start a worker process", program));
    }
    return WorkerProcess(std::move(ends.first), process_id);
}

void WorkerProcess::kill() const {
    if (process_id_ > 0) ::kill(process_id_, SIGKILL);
}

WorkerExit WorkerProcess::wait(std::chrono::milliseconds grace) {
    if (process_id_ < 0) return {};
    // pidfd_open has no wrapper in glibc 2.36.
    const base::FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process_id_, 0)));
    pollfd ended{handle.get(), POLLIN, 0};
    if (!handle.valid() || ::poll(&ended, 1, static_cast<int>(grace.count())) <= 0) kill();

    int status = 0;
    while (::waitpid(process_id_, &status, 0) < 0 && errno == EINTR) {
    }
    process_id_ = -1;
    channel_.close();
    if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
    return {false, WEXITSTATUS(status)};
}

base::Result<Channel> attach_to_supervisor() {
    // If the parent has ended already, the channel is closed and the first receive() ends the
    // worker.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    int type = 0;
    socklen_t size = sizeof(type);
    if (::getsockopt(kWorkerChannel, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        type != SOCK_SEQPACKET) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            "this command is a worker of `vmsecurity scan` and cannot be run by hand");
    }
    ::fcntl(kWorkerChannel, F_SETFD, FD_CLOEXEC);
    return Channel(base::FileDescriptor(kWorkerChannel));
}

}  // namespace vmsecurity::sandbox
