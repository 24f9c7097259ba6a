#include "filesystem/testing/workspace.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace vmsecurity::filesystem::testing {

TemporaryDirectory::TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "vmsecurity-test-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

int run_program(const std::vector<std::string>& arguments) {
    std::string program = arguments.front();
    if (::access(("/usr/sbin/" + program).c_str(), X_OK) == 0) program.insert(0, "/usr/sbin/");
    std::vector<std::string> copies(arguments);
    std::vector<char*> pointers;
    pointers.reserve(copies.size() + 1);
    for (std::string& copy : copies) pointers.push_back(copy.data());
    pointers.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    for (const int descriptor : {0, 1, 2}) {
        ::posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0);
    }
    pid_t child = -1;
    const int failed =
        ::posix_spawnp(&child, program.c_str(), &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return -1;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool make_image(const std::string& image, const std::vector<std::string>& options,
                const std::string& tree, const std::string& size) {
    std::vector<std::string> arguments{"mke2fs", "-q", "-F"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"-d", tree, image, size});
    return run_program(arguments) == 0;
}

}  // namespace vmsecurity::filesystem::testing
