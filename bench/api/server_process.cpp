#include "bench/api/server_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "codec/json.h"

namespace vmsecurity::bench {
namespace {

// Without the settings that the machine's environment may hold.
std::vector<std::string> clean_environment() {
    std::vector<std::string> kept;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (text.starts_with("PATH=") || text.starts_with("HOME=") || text.starts_with("TZ=")) {
            kept.emplace_back(text);
        }
    }
    return kept;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> found;
    for (std::string& text : texts) found.push_back(text.data());
    found.push_back(nullptr);
    return found;
}

}  // namespace

base::Result<std::unique_ptr<ServerProcess>> ServerProcess::start(const std::string& program,
                                                                  const std::string& database,
                                                                  const std::string& folder) {
    const std::string ports = folder + "/ports.json";
    const std::string log = folder + "/vmsecurityd.log";
    std::filesystem::remove(ports);
    std::vector<std::string> arguments = {
        program,      "apiserver", "--listen",    "127.0.0.1:0", "--health-address", "127.0.0.1:0",
        "--database", database,    "--port-file", ports,         "--log-level",      "warning"};
    auto environment = clean_environment();
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    std::unique_ptr<ServerProcess> server(new ServerProcess);
    const int status = ::posix_spawn(&server->process_, program.c_str(), &files, nullptr,
                                     pointers(arguments).data(), pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&files);
    if (status != 0) return base::fail(base::system_error(status, "cannot be started", program));
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!std::filesystem::exists(ports)) {
        if (::waitpid(server->process_, nullptr, WNOHANG) != 0) {
            server->process_ = -1;
            return base::fail(base::ErrorCode::kUnavailable, "the API server ended; see " + log);
        }
        if (std::chrono::steady_clock::now() > end) {
            return base::fail(base::ErrorCode::kUnavailable, "the API server does not answer");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::ifstream file(ports);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    VMSECURITY_ASSIGN(const boost::json::value addresses, codec::parse_json(text));
    server->api_ = codec::text_member(addresses.as_object(), "api");
    server->health_ = codec::text_member(addresses.as_object(), "health");
    return server;
}

ServerProcess::~ServerProcess() {
    if (process_ < 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace vmsecurity::bench
