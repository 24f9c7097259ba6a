#include "cli/scan/worker_program.h"

#include <unistd.h>

#include <filesystem>

namespace vmsecurity::cli {

base::Result<std::string> find_worker_program() {
    constexpr const char* kName = "vmsecurity-worker";
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return base::fail(base::system_error(error.value(), "cannot find this program's own folder",
                                             "/proc/self/exe"));
    }
    const auto folder = program.parent_path();
    for (const auto& candidate :
         {folder / kName, folder.parent_path() / "libexec" / "vmsecurity" / kName}) {
        if (::access(candidate.c_str(), X_OK) == 0) return candidate.string();
    }
    return base::fail(base::ErrorCode::kNotFound,
                      "the program vmsecurity-worker is missing: it belongs beside " +
                          program.string() + " or in ../libexec/vmsecurity");
}

}  // namespace vmsecurity::cli
