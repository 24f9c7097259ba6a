#include "cli/cli.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "cli/companion/companion.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"
#include "cli/scan/command.h"
#include "cli/version.h"

namespace vmsecurity::cli {
namespace {

constexpr int kKeepBytes = 64 << 20;
constexpr int kGrowBytes = 1 << 20;

void set_log_level(const std::string& name) {
    using base::log::Level;
    Level level = Level::kWarning;
    if (name == "debug") level = Level::kDebug;
    if (name == "info") level = Level::kInfo;
    if (name == "error") level = Level::kError;
    base::log::set_level(level);
}

// Becomes another program of ours. Returns only if that fails.
int run_companion(const std::string& name, std::vector<std::string> arguments) {
    auto program = find_companion(name);
    if (program) {
        arguments.insert(arguments.begin(), name);
        std::vector<char*> words;
        words.reserve(arguments.size() + 1);
        for (std::string& word : arguments) words.push_back(word.data());
        words.push_back(nullptr);
        ::execv(program->c_str(), words.data());
        program = base::fail(base::system_error(errno, "cannot start " + *program));
    }
    tell("{}: {}\n", kProgramName, program.error().describe());
    return kFailed;
}

// A scan for an API server is the companion's, options and all.
bool is_scan_for_server(std::span<char*> arguments) {
    if (arguments.size() < 2 || std::string_view(arguments[1]) != "scan") return false;
    return std::ranges::any_of(arguments.subspan(2), [](std::string_view word) {
        return word == "--server" || word.starts_with("--server=") || word == "--asset-scan-id" ||
               word.starts_with("--asset-scan-id=");
    });
}

}  // namespace

int run(int argc, char** argv) {
    // A scan is short and ends with its report: memory that goes back to the kernel on the way
    // would only be asked for, and cleared, again.
    ::mallopt(M_MMAP_THRESHOLD, kKeepBytes);
    ::mallopt(M_TRIM_THRESHOLD, kKeepBytes);
    ::mallopt(M_TOP_PAD, kGrowBytes);
    // A reader that went away is an error of the write, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);

    const std::span words(argv, static_cast<std::size_t>(argc));
    if (is_scan_for_server(words)) {
        return run_companion("vmsecurity-scanner", {words.begin() + 1, words.end()});
    }
    CLI::App program("Scans virtual machines' disks without an agent", std::string(kProgramName));
    program.set_version_flag("--version", fmt::format("{} {}", kProgramName, kVersion));
    program.require_subcommand(1);
    std::string log_level = "warning";
    program
        .add_option("--log-level", log_level, "debug, info, warning or error; on standard error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
    ScanCommand scan(program);
    CLI::App* advisories =
        program.add_subcommand("advisories", "Build and examine the advisory file");
    advisories->prefix_command();
    advisories->set_help_flag();
    // Their options are the companion's own, so that this program knows nothing of the API.
    const auto on_the_api = [&](const char* name, const char* description) {
        CLI::App* command = program.add_subcommand(name, description);
        command->prefix_command();
        command->set_help_flag();
        return command;
    };
    const std::array client = {
        on_the_api("get", "Show what an API server holds: assets, scans, findings, …"),
        on_the_api("create", "Create objects on an API server from JSON"),
        on_the_api("update", "Change an object on an API server"),
        on_the_api("delete", "Delete objects on an API server"),
        on_the_api("watch", "Print changes on an API server as they happen")};
    const CLI::App* version = program.add_subcommand("version", "Print the version");
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kComplete : kUsage;
    }
    set_log_level(log_level);
    if (scan.chosen()) return scan.run();
    if (advisories->parsed())
        return run_companion("vmsecurity-advisories", advisories->remaining());
    for (const CLI::App* command : client) {
        if (!command->parsed()) continue;
        std::vector<std::string> arguments = command->remaining();
        arguments.insert(arguments.begin(), command->get_name());
        return run_companion("vmsecurity-client", std::move(arguments));
    }
    if (version->parsed()) fmt::print("{} {}\n", kProgramName, kVersion);
    return kComplete;
}

}  // namespace vmsecurity::cli
