#include "families/testing/analyze_tree.h"

#include <gtest/gtest.h>

namespace vmsecurity::families::testing {
namespace {

TEST(Matches, TakesStarsWithinOneName) {
    EXPECT_TRUE(matches("var/lib/dpkg/info/*.list", "var/lib/dpkg/info/libc6:amd64.list"));
    EXPECT_FALSE(matches("var/lib/dpkg/info/*.list", "var/lib/dpkg/info/a/b.list"));
    EXPECT_FALSE(matches("var/lib/dpkg/info/*.list", "x/var/lib/dpkg/info/b.list"));
    EXPECT_TRUE(matches("a*b*c", "aXbbYc"));
    EXPECT_FALSE(matches("a*b*c", "aXcYb"));
    EXPECT_FALSE(matches("a", "a/b"));
}

TEST(Matches, TakesAnyDirectoriesForALeadingDoubleStar) {
    for (const char* path : {"x.dist-info/METADATA", "a/b/x.dist-info/METADATA"}) {
        EXPECT_TRUE(matches("**/*.dist-info/METADATA", path)) << path;
    }
    EXPECT_FALSE(matches("**/*.dist-info/METADATA", "x.dist-info/sub/METADATA"));
}

}  // namespace
}  // namespace vmsecurity::families::testing
