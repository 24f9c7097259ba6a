#include "providers/local/scanner_process.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

#include "base/text.h"

namespace vmsecurity::providers::local {
namespace {

constexpr std::uint64_t kMaxPidBytes = 32;
constexpr std::size_t kTailBytes = 4096;
constexpr int kCannotExecute = 127;

// After fork() of a process with threads only async-signal-safe calls may be made (fork(2)), so all
// that they need is made before.
struct Child {
    std::string pid_part;
    std::string pid_file;
    int lock = -1;
    int log = -1;
    int null = -1;
    std::vector<char*> words;
};

[[noreturn]] void become(const Child& child) {
    ::setsid();
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        ::signal(number, SIG_DFL);
    }
    std::array<char, kMaxPidBytes> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), ::getpid()).ptr;
    const int file = ::open(child.pid_part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const auto size = static_cast<std::size_t>(end - digits.begin());
    if (file < 0 || ::write(file, digits.data(), size) != static_cast<ssize_t>(size) ||
        ::rename(child.pid_part.c_str(), child.pid_file.c_str()) != 0) {
        ::_exit(kCannotExecute);
    }
    ::dup2(child.null, STDIN_FILENO);
    ::dup2(child.log, STDOUT_FILENO);
    ::dup2(child.log, STDERR_FILENO);
    ::fcntl(child.lock, F_SETFD, 0);  // the lock lives as long as the scanner
    ::execv(child.words.front(), child.words.data());
    ::_exit(kCannotExecute);
}

}  // namespace

base::Result<pid_t> ScannerProcess::start(const std::string& program,
                                          const std::vector<std::string>& arguments) const {
    VMSECURITY_ASSIGN(const auto lock,
                      base::open_file(lock_file().string(), O_RDWR | O_CREAT, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return base::fail(base::ErrorCode::kUnavailable, "its scanner runs already");
    }
    std::error_code ignored;
    std::filesystem::remove(pid_file(), ignored);  // of one that is gone
    const std::string log_path = (folder_ / "scanner.log").string();
    VMSECURITY_ASSIGN(const auto log,
                      base::open_file(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600));
    VMSECURITY_ASSIGN(const auto null, base::open_file("/dev/null", O_RDONLY));
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Child child{.pid_part = pid_file().string() + ".part",
                .pid_file = pid_file().string(),
                .lock = lock.get(),
                .log = log.get(),
                .null = null.get(),
                .words = {}};
    for (std::string& word : words) child.words.push_back(word.data());
    child.words.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return base::fail(base::system_error(errno, "cannot start the scanner"));
    if (pid == 0) become(child);
    return pid;
}

base::Result<std::optional<pid_t>> ScannerProcess::find() const {
    auto lock = base::open_file(lock_file().string(), O_RDWR);
    if (!lock) {
        if (lock.error().code == base::ErrorCode::kNotFound) return std::nullopt;
        return base::fail(std::move(lock).error());
    }
    if (::flock(lock->get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
    const auto text = base::read_file(pid_file().string(), kMaxPidBytes);
    const auto number = text ? base::parse_unsigned(base::trim(*text)) : std::nullopt;
    if (!number || *number <= 1) {
        return base::fail(base::ErrorCode::kUnavailable, "the scanner is just starting");
    }
    return static_cast<pid_t>(*number);
}

base::Result<void> ScannerProcess::signal(int number) const {
    VMSECURITY_ASSIGN(const auto pid, find());
    // Its session's group: also workers that outlive it for a moment.
    if (pid) ::kill(number == SIGKILL ? -*pid : *pid, number);
    return {};
}

std::string ScannerProcess::last_words() const {
    const auto file = base::open_file((folder_ / "scanner.log").string(), O_RDONLY);
    if (!file) return {};
    const off_t size = ::lseek(file->get(), 0, SEEK_END);
    if (size <= 0) return {};
    const auto length = std::min<std::size_t>(kTailBytes, static_cast<std::size_t>(size));
    std::string tail(length, '\0');
    if (!base::read_exactly(file->get(), static_cast<std::uint64_t>(size) - length,
                            std::as_writable_bytes(std::span(tail)))) {
        return {};
    }
    std::string_view text = base::trim(tail);
    if (const auto line = text.rfind('\n'); line != std::string_view::npos) {
        text.remove_prefix(line + 1);
    }
    return base::printable(std::string(base::trim(text)));
}

}  // namespace vmsecurity::providers::local
