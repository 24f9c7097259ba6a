#include "advisoryserver/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace vmsecurity::advisoryserver {

namespace {

constexpr std::size_t kMaxOutput = 4 << 20;
constexpr std::size_t kLastWords = 4096;
constexpr std::size_t kBlock = 16 << 10;
constexpr rlim_t kMaxFileBytes = 16ULL << 30U;  // a feed must not fill the disk
constexpr int kCannotExecute = 127;

using Clock = std::chrono::steady_clock;

std::vector<std::string> child_environment() {
    std::vector<std::string> kept = {"PATH=/usr/bin:/bin"};
    for (const char* name : {"LANG", "LC_ALL", "TMPDIR", "http_proxy", "https_proxy", "HTTPS_PROXY",
                             "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
                             "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
        if (const char* value = std::getenv(name))
            kept.push_back(fmt::format("{}={}", name, value));
    }
    return kept;
}

std::vector<char*> as_pointers(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

struct Pipe {
    base::FileDescriptor reader;
    base::FileDescriptor writer;
};

base::Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return base::fail(base::system_error(errno, "cannot make a pipe"));
    }
    return Pipe{base::FileDescriptor(ends[0]), base::FileDescriptor(ends[1])};
}

// After fork() of a process with threads only async-signal-safe calls may be made (fork(2)), so all
// that they need is made before.
struct Plan {
    const char* program = nullptr;
    std::vector<char*> words;
    std::vector<char*> environment;
    int null = -1;
    int output = -1;
    int errors = -1;
    pid_t parent = -1;
};

[[noreturn]] void become(const Plan& plan) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) ::_exit(kCannotExecute);  // it ended before prctl()
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::signal(number, SIG_DFL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const rlimit file_size{kMaxFileBytes, kMaxFileBytes};
    ::setrlimit(RLIMIT_FSIZE, &file_size);
    ::dup2(plan.null, STDIN_FILENO);
    ::dup2(plan.output, STDOUT_FILENO);
    ::dup2(plan.errors, STDERR_FILENO);
    ::execve(plan.program, plan.words.data(), plan.environment.data());
    ::_exit(kCannotExecute);
}

// The child; killed and reaped when it goes, if it was not reaped before.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid) {}
    ~Child() { (void)end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Its wait status. Only a child that has not been reaped has a number that is nobody else's.
    int end() {
        if (pid_ < 0) return status_;
        ::kill(-pid_, SIGKILL);
        while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status_;
    }
    // Without killing it: it has ended.
    int reap() {
        siginfo_t info{};
        while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) < 0 &&
               errno == EINTR) {
        }
        return end();  // what it left in its group
    }
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_;
    int status_ = 0;
};

// False at the end of the stream.
bool take(int descriptor, std::string& text) {
    std::array<char, kBlock> block{};
    const ssize_t count = ::read(descriptor, block.data(), block.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    text.append(block.data(), static_cast<std::size_t>(count));
    return count > 0;
}

std::string describe(int status, std::string_view last_words) {
    std::string_view line = base::trim(last_words);
    if (const auto feed = line.rfind('\n'); feed != std::string_view::npos) {
        line.remove_prefix(feed + 1);
    }
    if (!line.empty()) return base::printable(std::string(line));
    if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
    return fmt::format("ended with status {}", WEXITSTATUS(status));
}

// Reads both streams until the child has ended.
class Listening {
  public:
    Listening(Child& child, Pipe output, Pipe errors)
        : child_(child), output_(std::move(output)), errors_(std::move(errors)) {
        output_.writer.reset();  // the child's alone, so that its end is seen
        errors_.writer.reset();
    }

    base::Result<std::string> until_end(Clock::time_point deadline, const StopEvent& stop) {
        // By its number: glibc 2.36 declares the function without extern "C".
        const base::FileDescriptor ended(
            static_cast<int>(::syscall(SYS_pidfd_open, child_.pid(), 0)));
        if (!ended.valid()) return base::fail(base::system_error(errno, "cannot watch a process"));
        while (true) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            if (left.count() <= 0) {
                return base::fail(base::ErrorCode::kLimitExceeded, "took too long and was ended");
            }
            std::array<pollfd, 4> wanted = {{{stop.descriptor(), POLLIN, 0},
                                             {output_.reader.get(), POLLIN, 0},
                                             {errors_.reader.get(), POLLIN, 0},
                                             {ended.get(), POLLIN, 0}}};
            const auto time = std::min<std::int64_t>(left.count(), 60'000);
            if (::poll(wanted.data(), wanted.size(), static_cast<int>(time)) < 0) {
                if (errno == EINTR) continue;
                return base::fail(base::system_error(errno, "cannot wait for a process"));
            }
            if (wanted[0].revents != 0) {
                return base::fail(base::ErrorCode::kCancelled, "the server is stopping");
            }
            VMSECURITY_TRY(read(wanted[1].revents != 0, wanted[2].revents != 0));
            // What it wrote last is read first.
            if (wanted[3].revents != 0 && wanted[1].revents == 0 && wanted[2].revents == 0) break;
        }
        const int status = child_.reap();
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::move(text_);
        return base::fail(base::ErrorCode::kUnavailable, describe(status, words_));
    }

  private:
    base::Result<void> read(bool output, bool errors) {
        if (output && !take(output_.reader.get(), text_)) output_.reader.reset();
        if (errors && !take(errors_.reader.get(), words_)) errors_.reader.reset();
        if (words_.size() > 2 * kLastWords) words_.erase(0, words_.size() - kLastWords);
        if (text_.size() > kMaxOutput) {
            return base::fail(base::ErrorCode::kLimitExceeded, "wrote too much and was ended");
        }
        return {};
    }

    Child& child_;
    Pipe output_;
    Pipe errors_;
    std::string text_;
    std::string words_;
};

}  // namespace

StopEvent::StopEvent() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void StopEvent::set() {
    ::eventfd_write(event_.get(), 1);
}

bool StopEvent::is_set() const {
    pollfd wanted{event_.get(), POLLIN, 0};
    return ::poll(&wanted, 1, 0) > 0;
}

base::Result<std::string> run_child(const std::string& program,
                                    const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds time_limit, const StopEvent& stop) {
    const auto deadline = Clock::now() + time_limit;
    VMSECURITY_ASSIGN(Pipe output, make_pipe());
    VMSECURITY_ASSIGN(Pipe errors, make_pipe());
    VMSECURITY_ASSIGN(const auto null, base::open_file("/dev/null", O_RDONLY));
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = child_environment();
    const Plan plan{.program = program.c_str(),
                    .words = as_pointers(words),
                    .environment = as_pointers(environment),
                    .null = null.get(),
                    .output = output.writer.get(),
                    .errors = errors.writer.get(),
                    .parent = ::getpid()};
    const pid_t pid = ::fork();
    if (pid < 0) return base::fail(base::system_error(errno, "cannot start " + program));
    if (pid == 0) become(plan);
    ::setpgid(pid, pid);  // whichever comes first, so that the group is there to be killed
    Child child(pid);
    return Listening(child, std::move(output), std::move(errors)).until_end(deadline, stop);
}

}  // namespace vmsecurity::advisoryserver
