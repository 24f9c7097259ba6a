#include "scan/matching/want_matcher.h"

#include <gtest/gtest.h>

namespace vmsecurity::scan::matching {
namespace {

WantMatcher make(const std::vector<WantedPattern>& wanted) {
    auto matcher = WantMatcher::make(wanted);
    EXPECT_TRUE(matcher.has_value()) << matcher.error().describe();
    return std::move(*matcher);
}

TEST(WantMatcher, TriesAPatternOnlyWhereItsDirectoryFits) {
    const WantMatcher matcher =
        make({{"var/lib/dpkg/info/*.list", {0, 0}}, {"**/*.dist-info/METADATA", {1, 4096}}});
    EXPECT_TRUE(matcher.active_in("var/lib/dpkg").empty());
    const auto info = matcher.active_in("var/lib/dpkg/info");
    EXPECT_EQ(info.wishes_for("a.list"), (std::vector<Wish>{{0, 0}}));
    EXPECT_TRUE(info.wishes_for("a.md5sums").empty());
    EXPECT_EQ(matcher.active_in("usr/x-1.dist-info").wishes_for("METADATA"),
              (std::vector<Wish>{{1, 4096}}));
}

TEST(WantMatcher, OneWishAnAnalyzerAndTheLargerWins) {
    const WantMatcher matcher = make({{"**/*.egg-info", {1, 100}},
                                      {"**/*-info", {1, 0}},
                                      {"**/a*", {2, 10}},
                                      {"**/*o", {2, 20}}});
    EXPECT_EQ(matcher.active_in("x").wishes_for("a.egg-info"),
              (std::vector<Wish>{{1, 0}, {2, 20}}));
}

TEST(WantMatcher, ExactPathsGatherTheGlobsThatMatchThem) {
    const WantMatcher matcher = make({{"etc/passwd", {0, 0}},
                                      {"etc/passwd", {1, 0}},
                                      {"**/passwd", {2, 0}},
                                      {"usr/*/passwd", {3, 0}}});
    ASSERT_EQ(matcher.exact_paths().size(), 1u);
    EXPECT_EQ(matcher.exact_paths()[0].path, "etc/passwd");
    EXPECT_EQ(matcher.exact_paths()[0].wishes, (std::vector<Wish>{{0, 0}, {1, 0}, {2, 0}}));
}

TEST(WantMatcher, RefusesAPatternWithoutAName) {
    EXPECT_FALSE(WantMatcher::make({{"var/**", {0, 0}}}).has_value());
}

}  // namespace
}  // namespace vmsecurity::scan::matching
