#include "scan/matching/glob.h"

#include <gtest/gtest.h>

namespace vmsecurity::scan::matching {
namespace {

TEST(MatchesName, StarAndQuestionMark) {
    EXPECT_TRUE(matches_name("*.list", "libc6:amd64.list"));
    EXPECT_TRUE(matches_name("*", ""));
    EXPECT_TRUE(matches_name("a*b*c", "a--b-b--c"));
    EXPECT_TRUE(matches_name("?.x", "\xFF.x"));
    EXPECT_FALSE(matches_name("*.list", "list"));
    EXPECT_FALSE(matches_name("a*b", "a"));
    EXPECT_FALSE(matches_name("", "x"));
}

TEST(MatchesName, HostileInputStaysCheap) {
    const std::string name(20000, 'a');
    EXPECT_FALSE(matches_name("*a*a*a*a*a*a*a*a*a*b", name));
}

TEST(Glob, MatchesWholePaths) {
    const auto matches = [](std::string_view pattern, std::string_view path) {
        const auto glob = Glob::parse(pattern);
        EXPECT_TRUE(glob.has_value()) << pattern;
        return glob && glob->matches(path);
    };
    EXPECT_TRUE(matches("**/*.dist-info/METADATA", "usr/lib/x-1.dist-info/METADATA"));
    EXPECT_TRUE(matches("**/*.dist-info/METADATA", "x-1.dist-info/METADATA"));
    EXPECT_FALSE(matches("**/*.dist-info/METADATA", "x-1.dist-info/sub/METADATA"));
    EXPECT_TRUE(matches("var/cache/**", "var/cache/a/b"));
    EXPECT_TRUE(matches("var/cache/**", "var/cache"));
    EXPECT_FALSE(matches("var/cache/**", "var/cached"));
    EXPECT_TRUE(matches("**/node_modules/**", "a/node_modules/b/c"));
    EXPECT_FALSE(matches("var/*/x", "var/a/b/x"));
    EXPECT_TRUE(matches("var/cache/", "var/cache"));
}

TEST(Glob, RefusesWhatCannotMean) {
    for (const char* bad : {"", "/etc", "a//b", "../x", "a/./b", "a**"}) {
        const auto glob = Glob::parse(bad);
        ASSERT_FALSE(glob.has_value()) << bad;
        EXPECT_EQ(glob.error().code, base::ErrorCode::kInvalidArgument);
    }
}

}  // namespace
}  // namespace vmsecurity::scan::matching
