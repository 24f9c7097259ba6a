#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vmsecurity::families::testing {

// The names of the folders in `testdata`, sorted: a data-driven test runs once for each.
std::vector<std::string> case_names(const std::filesystem::path& testdata);

// Fails the running test if the file's text is not `actual`. With UPDATE_EXPECTED=1 in the
// environment the file is rewritten instead; read the difference before committing it.
void expect_same_as_file(const std::string& actual, const std::filesystem::path& file);

}  // namespace vmsecurity::families::testing
