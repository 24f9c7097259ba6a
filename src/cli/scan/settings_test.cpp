#include "cli/scan/settings.h"

#include <gtest/gtest.h>

namespace vmsecurity::cli {
namespace {

TEST(ParseSize, TakesNumbersWithAUnit) {
    EXPECT_EQ(parse_size("4096").value(), 4096u);
    EXPECT_EQ(parse_size("64K").value(), 65536u);
    EXPECT_EQ(parse_size("3G").value(), 3221225472u);
    for (const char* bad : {"", "K", "0", "-1", "1.5G", "1k", "1T", " 1", "99999999999G"}) {
        const auto size = parse_size(bad);
        ASSERT_FALSE(size.has_value()) << bad;
        EXPECT_NE(size.error().message.find("is no size"), std::string::npos);
    }
}

}  // namespace
}  // namespace vmsecurity::cli
