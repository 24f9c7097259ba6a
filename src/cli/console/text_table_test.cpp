#include "cli/console/text_table.h"

#include <gtest/gtest.h>

namespace vmsecurity::cli {
namespace {

TEST(TextTable, PadsToTheWidestCell) {
    TextTable table({{"A", false, false}, {"B", false, false}});
    table.add({"x", "1"});
    table.add({"long", "2"});
    EXPECT_EQ(table.render(0, "  "), "  A     B\n  x     1\n  long  2\n");
}

TEST(TextTable, CutsFlexibleColumnsToFit) {
    TextTable table({{"", false, false}, {"", true, false}});
    table.add({"fixed", "a rather long sentence that does not fit"});
    const std::string line = table.render(30, "");
    EXPECT_EQ(display_width(line), 31u) << line;  // and the line feed
    EXPECT_NE(line.find("…"), std::string::npos);
}

TEST(TextTable, CountsCodePointsNotBytes) {
    EXPECT_EQ(display_width("häß"), 3u);
    EXPECT_EQ(cut("häßlich", 4), "häß…");
    EXPECT_EQ(cut("abc", 3), "abc");
    EXPECT_EQ(cut_start("häßlich", 4), "…ich");
    EXPECT_EQ(cut_start("abc", 3), "abc");
    EXPECT_EQ(cut_start("abc", 2), "…c");
}

TEST(Grouped, PutsCommasBetweenThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace vmsecurity::cli
