#include "families/testing/expected_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace vmsecurity::families::testing {

std::vector<std::string> case_names(const std::filesystem::path& testdata) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(testdata)) {
        if (entry.is_directory()) names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

void expect_same_as_file(const std::string& actual, const std::filesystem::path& file) {
    const char* update = std::getenv("UPDATE_EXPECTED");
    if (update != nullptr && std::string_view(update) == "1") {
        std::ofstream(file, std::ios::binary) << actual;
        return;
    }
    std::ifstream stream(file, std::ios::binary);
    ASSERT_TRUE(stream.is_open())
        << file << " does not exist; UPDATE_EXPECTED=1 in the environment writes it";
    const std::string expected{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(actual, expected) << "differs from " << file;
}

}  // namespace vmsecurity::families::testing
