#include "odata/instant.h"

#include <limits>

namespace vmsecurity::odata {
namespace {

std::int64_t nanoseconds(std::string_view text) {
    const auto instant = parse_instant(text);
    EXPECT_TRUE(instant) << text;
    return instant ? instant->nanoseconds : -1;
}

TEST(Instant, ReadsTimesInAnyZone) {
    EXPECT_EQ(nanoseconds("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(nanoseconds("1970-01-01"), 0);
    EXPECT_EQ(nanoseconds("1970-01-01T00:00Z"), 0);
    EXPECT_EQ(nanoseconds("1970-01-01t01:00:00+01:00"), 0);
    EXPECT_EQ(nanoseconds("1969-12-31 23:30:00-00:30"), 0);
    EXPECT_EQ(nanoseconds("1969-12-31T23:59:59.5Z"), -500'000'000);
    EXPECT_EQ(nanoseconds("2023-01-20T15:46:18.1234567899Z"), 1'674'229'578'123'456'789);
    EXPECT_EQ(nanoseconds("2016-12-31T23:59:60Z"), nanoseconds("2017-01-01T00:00:00Z"));
}

TEST(Instant, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "2023", "2023-1-1", "2023-02-29", "2023-00-01", "2023-01-32", "2023-01-01T",
          "2023-01-01T00:00:00", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z",
          "2023-01-01T00:00:61Z", "2023-01-01T00:00:00.Z", "2023-01-01T00:00:00Zx",
          "2023-01-01T00:00:00+1:00", "2023-01-01T00:00:00+24:00", "12023-01-01"}) {
        EXPECT_FALSE(parse_instant(text)) << text;
    }
}

TEST(Instant, EndsAtTheBoundsByWholeDays) {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(nanoseconds("0001-01-01T00:00:00Z"), kLeast);
    EXPECT_EQ(nanoseconds("1677-09-21T23:59:59.9Z"), kLeast);
    EXPECT_EQ(nanoseconds(kFirstExactDay), -9'223'286'400'000'000'000);
    EXPECT_EQ(nanoseconds("2262-04-10T23:59:59Z"), 9'223'286'399'000'000'000);
    EXPECT_EQ(nanoseconds(kFirstDayBeyond), kMost);
    EXPECT_EQ(nanoseconds("9999-12-31T23:59:59Z"), kMost);
}

TEST(Instant, WritesWithAsManyDigitsAsNeeded) {
    for (const char* text : {"2023-01-20T15:46:18Z", "2023-01-20T15:46:18.5Z",
                             "1969-12-31T23:59:59.000000001Z", "2024-02-29T00:00:00Z"}) {
        EXPECT_EQ(format_instant(*parse_instant(text)), text);
    }
}

TEST(Instant, PartsBefore1970AreThoseOfTheCalendar) {
    const Instant early = *parse_instant("1969-02-28T22:45:10.5Z");
    const CivilDate date = civil_date(early);
    EXPECT_EQ(date.year, 1969);
    EXPECT_EQ(date.month, 2U);
    EXPECT_EQ(date.day, 28U);
    EXPECT_EQ(hour_of_day(early), 22);
    EXPECT_EQ(minute_of_hour(early), 45);
    EXPECT_EQ(start_of_day(early), *parse_instant("1969-02-28"));
    const Instant least{std::numeric_limits<std::int64_t>::min()};
    EXPECT_EQ(start_of_day(least), least);
}

}  // namespace
}  // namespace vmsecurity::odata
