#include "sql/testing/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace vmsecurity::sql::testing {
namespace {

// Debian's place, newest version first; or what PATH has.
std::string programs() {
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
        if (std::filesystem::exists(entry.path() / "bin/initdb", ignored)) {
            found.push_back(entry.path() / "bin");
        }
    }
    return found.empty() ? std::string() : std::ranges::max(found).string();
}

// The server refuses to run as root.
const passwd* server_user() {
    return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

// Runs a program to its end, as the server's user, its output in `log`.
bool run(const std::vector<std::string>& arguments, const std::string& log) {
    std::vector<char*> raw;
    for (const auto& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
    raw.push_back(nullptr);
    const passwd* user = server_user();
    const pid_t child = ::fork();
    if (child == 0) {
        const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        ::dup2(output, STDOUT_FILENO);
        ::dup2(output, STDERR_FILENO);
        if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                                ::setuid(user->pw_uid) != 0)) {
            ::_exit(126);
        }
        if (::chdir("/") != 0) ::_exit(126);
        ::execv(raw[0], raw.data());
        ::_exit(127);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

PostgresServer* PostgresServer::shared(std::string& why) {
    static std::string reason;
    static const std::unique_ptr<PostgresServer> server = [] {
        auto made = std::make_unique<PostgresServer>();
        return made->start(reason) ? std::move(made) : nullptr;
    }();
    why = reason;
    return server.get();
}

PostgresServer::PostgresServer(std::string settings) : settings_(std::move(settings)) {}

PostgresServer::~PostgresServer() {
    stop("immediate");
}

bool PostgresServer::initialise(std::string& why) {
    const std::string bin = programs();
    if (bin.empty()) {
        why = "PostgreSQL is not installed (package postgresql)";
        return false;
    }
    if (const passwd* user = server_user()) {
        if (::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
            why = "the server's folder cannot be given to its user";
            return false;
        }
    } else if (::geteuid() == 0) {
        why = "there is no user postgres, and the server does not run as root";
        return false;
    }
    initialised_ = run({bin + "/initdb", "-D", folder_.file("data"), "-A", "trust", "-U",
                        "postgres", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"},
                       folder_.file("initdb.log"));
    if (!initialised_) why = "initdb failed";
    return initialised_;
}

bool PostgresServer::start(std::string& why) {
    if (!initialised_ && !initialise(why)) return false;
    running_ =
        run({programs() + "/pg_ctl", "-D", folder_.file("data"), "-w", "-s", "-l",
             folder_.file("server.log"), "-o",
             "-k " + folder_.path() + " -c listen_addresses= -c max_connections=200 " + settings_,
             "start"},
            folder_.file("pg_ctl.log"));
    if (!running_) why = "the PostgreSQL server did not start";
    return running_;
}

bool PostgresServer::stop(const std::string& mode) {
    if (!std::exchange(running_, false)) return true;
    return run({programs() + "/pg_ctl", "-D", folder_.file("data"), "-w", "-s", "-m", mode, "stop"},
               folder_.file("pg_ctl.log"));
}

std::string PostgresServer::connection(const std::string& database) const {
    return "host=" + folder_.path() + " user=postgres dbname=" + database;
}

std::string PostgresServer::create_database() {
    const std::string name = "test" + std::to_string(++databases_);
    const bool made = run({programs() + "/createdb", "-h", folder_.path(), "-U", "postgres", name},
                          folder_.file("createdb.log"));
    return made ? connection(name) : std::string();
}

}  // namespace vmsecurity::sql::testing
