#include "base/text.h"

#include <gtest/gtest.h>

namespace vmsecurity::base {
namespace {

TEST(Utf8, AcceptsWellFormedAndRejectsTheRest) {
    EXPECT_TRUE(is_valid_utf8(""));
    EXPECT_TRUE(is_valid_utf8("Grüße \xF0\x9F\x94\x92"));
    EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong '/'
    EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
    EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // past U+10FFFF
    EXPECT_FALSE(is_valid_utf8("abc\xE2\x82"));       // cut off
}

TEST(EscapeBytes, KeepsTextAndShowsEveryOtherByte) {
    EXPECT_EQ(escape_bytes("häuser/x y"), "häuser/x y");
    EXPECT_EQ(escape_bytes("a\xFF"
                           "b"),
              "a\\xffb");
    EXPECT_EQ(escape_bytes("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
    EXPECT_EQ(escape_bytes("\xC2\x9B"
                           "31m"),
              "\\xc2\\x9b31m");  // CSI as C1 control
    EXPECT_EQ(escape_bytes("a\\xffb"), "a\\\\xffb");
}

TEST(Printable, LeavesWhatWasEscapedAndEscapesTheRest) {
    EXPECT_EQ(printable("caf\\xe9 häuser"), "caf\\xe9 häuser");
    EXPECT_EQ(printable("a\x1b[2J"), "a\\x1b[2J");
    EXPECT_EQ(printable("a\xFF"
                        "b"),
              "a\\xffb");
}

TEST(ParseUnsigned, TakesOnlyWholeNumbers) {
    EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
    for (const char* bad : {"", " 1", "1 ", "-1", "+1", "0x1", "18446744073709551616", "1k"}) {
        EXPECT_FALSE(parse_unsigned(bad).has_value()) << bad;
    }
}

TEST(Split, KeepsEmptyParts) {
    EXPECT_EQ(split("a::b", ':'), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(split("", ':'), (std::vector<std::string_view>{""}));
}

TEST(FormatSize, UsesBinaryUnits) {
    EXPECT_EQ(format_size(0), "0 B");
    EXPECT_EQ(format_size(1023), "1023 B");
    EXPECT_EQ(format_size(1536), "1.5 KiB");
    EXPECT_EQ(format_size(UINT64_MAX), "16384.0 PiB");
}

}  // namespace
}  // namespace vmsecurity::base
