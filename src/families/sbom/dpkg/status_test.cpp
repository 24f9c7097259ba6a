#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "families/sbom/dpkg/analyzer.h"
#include "families/testing/analyze_tree.h"

namespace vmsecurity::families::sbom::dpkg {
namespace {

// However long its values, a package stays below what one record may hold.
TEST(Status, BoundsWhatItEmits) {
    const std::string noise(100'000, '\xff');
    const auto analysis = families::testing::analyze_content(
        *make_analyzer(), "var/lib/dpkg/status",
        "Package: a\nStatus: install ok installed\nVersion: 1\nDescription: " + noise +
            "\nMaintainer: " + noise +
            "\n\nPackage: b\nStatus: install ok installed\nVersion: " + noise + "\n");
    ASSERT_EQ(analysis.records.size(), 2U);  // package a and the summary
    EXPECT_LT(analysis.records[0].payload.size(), 16'384U);
    ASSERT_EQ(analysis.problems.size(), 1U);
}

TEST(Status, StopsAtMorePackagesThanThereCanBe) {
    std::string text;
    for (int i = 0; i < 200'001; ++i) {
        text += "Package: a\nStatus: install ok installed\nVersion: 1\n\n";
    }
    const auto analysis =
        families::testing::analyze_content(*make_analyzer(), "var/lib/dpkg/status", text);
    EXPECT_EQ(analysis.records.size(), 200'001U);  // with the summary
    ASSERT_EQ(analysis.problems.size(), 1U);
    EXPECT_THAT(analysis.problems[0].reason, ::testing::HasSubstr("line 800001: more than"));
}

}  // namespace
}  // namespace vmsecurity::families::sbom::dpkg
