#include "families/sbom/fields.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace vmsecurity::families::sbom {
namespace {

TEST(Printable, CutsBetweenCharacters) {
    EXPECT_EQ(printable("  Jörg  "), "Jörg");
    EXPECT_EQ(printable("Jörg", 3), "Jö");
    EXPECT_EQ(printable("Jörg", 2), "J");
    EXPECT_EQ(printable("\xF0\x9F\x94\x92", 3), "");
    // Continuation bytes without a start are no character to keep whole.
    EXPECT_EQ(printable(std::string(10, '\x80'), 8).size(), 4 * 5U);
    EXPECT_TRUE(base::is_valid_utf8(printable(std::string(5000, '\xff'))));
}

class CountingSink : public scan::Sink {
  public:
    void emit(std::string_view, std::string_view) override {}
    void problem(std::string_view reason) override { reasons.emplace_back(reason); }
    std::vector<std::string> reasons;
};

TEST(Problems, SumUpWhatIsTooMuch) {
    CountingSink sink;
    Problems problems(sink);
    for (std::size_t line = 1; line <= 1000; ++line) problems.add_at_line(line, "bad");
    problems.finish();
    ASSERT_EQ(sink.reasons.size(), Problems::kMaxReported + 1);
    EXPECT_EQ(sink.reasons.front(), "line 1: bad");
    EXPECT_EQ(sink.reasons.back(), "980 more problems in this file");
}

TEST(LineReader, EndsLinesAtEitherKindOfBreak) {
    LineReader lines("a\r\n\nb");
    std::vector<std::string> read;
    for (std::string_view line; lines.next(line);) read.emplace_back(line);
    EXPECT_EQ(read, (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(lines.number(), 3U);
}

}  // namespace
}  // namespace vmsecurity::families::sbom
