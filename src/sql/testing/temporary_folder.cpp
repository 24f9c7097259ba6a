#include "sql/testing/temporary_folder.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace vmsecurity::sql::testing {

TemporaryFolder::TemporaryFolder()
    : path_((std::filesystem::temp_directory_path() / "vmsecurity-sql-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) {
        std::perror("mkdtemp");
        std::abort();
    }
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace vmsecurity::sql::testing
