#include "cli/companion/companion.h"

#include <unistd.h>

#include <filesystem>

namespace vmsecurity::cli {

base::Result<std::string> find_companion(const std::string& name) {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return base::fail(base::system_error(error.value(), "cannot find this program's own folder",
                                             "/proc/self/exe"));
    }
    const auto folder = program.parent_path();
    for (const auto& candidate : {folder / name, folder.parent_path() / "vmsecurity" / name,
                                  folder.parent_path() / "libexec" / "vmsecurity" / name}) {
        if (::access(candidate.c_str(), X_OK) == 0) return candidate.string();
    }
    return base::fail(base::ErrorCode::kNotFound,
                      "the program " + name + " is missing: it belongs beside " + program.string() +
                          ", in ../vmsecurity or in ../libexec/vmsecurity");
}

}  // namespace vmsecurity::cli
