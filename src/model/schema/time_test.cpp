#include "model/schema/time.h"

#include <limits>

namespace vmsecurity::model::schema {
namespace {

std::string normalised(std::string_view text) {
    const std::optional<Time> time = parse_time(text);
    return time ? format_time(*time) : "refused";
}

TEST(Time, IsNormalised) {
    const std::map<std::string, std::string> cases = {
        {"2023-01-20T15:46:18Z", "2023-01-20T15:46:18Z"},
        {"2023-01-20t15:46:18z", "2023-01-20T15:46:18Z"},
        {"2023-01-20T15:46:18.500000000Z", "2023-01-20T15:46:18.5Z"},
        {"2023-01-20T15:46:18.000Z", "2023-01-20T15:46:18Z"},
        {"2023-01-20T15:46:18.1234567899Z", "2023-01-20T15:46:18.123456789Z"},
        {"2023-01-20T15:46:18+01:30", "2023-01-20T14:16:18Z"},
        {"2023-12-31T23:30:00-00:45", "2024-01-01T00:15:00Z"},
        {"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
        {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"},
        {"1990-12-31T15:59:60.25-08:00", "1991-01-01T00:00:00.25Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(normalised(text), expected) << text;
}

TEST(Time, RefusesWhatIsNoDateTime) {
    for (const std::string_view text : {"",
                                        "2023-01-20",
                                        "2023-01-20T15:46Z",
                                        "2023-01-20T15:46:18",
                                        "2023-01-20 15:46:18Z",
                                        "2023-01-20T15:46:18.Z",
                                        "2023-01-20T15:46:18,5Z",
                                        "2023-1-20T15:46:18Z",
                                        "2023-02-29T00:00:00Z",
                                        "2023-13-01T00:00:00Z",
                                        "2023-00-10T00:00:00Z",
                                        "2023-01-00T00:00:00Z",
                                        "2023-01-20T24:00:00Z",
                                        "2023-01-20T15:60:00Z",
                                        "2023-01-20T15:46:60Z",
                                        "2023-01-20T15:46:61Z",
                                        "2023-01-20T15:46:18+24:00",
                                        "2023-01-20T15:46:18+01:60",
                                        "2023-01-20T15:46:18+0100",
                                        "2023-01-20T15:46:18ZZ",
                                        "+023-01-20T15:46:18Z",
                                        "0000-01-01T00:00:00+00:01",
                                        "9999-12-31T23:59:59-00:01",
                                        "9999-12-31T23:59:60Z"}) {
        EXPECT_EQ(normalised(text), "refused") << text;
    }
}

TEST(Time, ComparesAsInstants) {
    EXPECT_EQ(*parse_time("2023-01-20T15:46:18.50Z"), *parse_time("2023-01-20T16:46:18.5+01:00"));
    EXPECT_LT(*parse_time("2023-01-20T15:46:18Z"), *parse_time("2023-01-20T15:46:18.000000001Z"));
    EXPECT_LT(*parse_time("1969-12-31T23:59:59.9Z"), *parse_time("1970-01-01T00:00:00Z"));
}

TEST(Time, NanosecondsGoBothWaysAndEndAtTheirBounds) {
    for (const std::string_view text : {"1969-12-31T23:59:59.000000001Z", "1970-01-01T00:00:00Z",
                                        "2262-04-10T23:59:59.999999999Z", "1677-09-22T00:00:00Z"}) {
        const Time time = *parse_time(text);
        EXPECT_EQ(from_nanoseconds(to_nanoseconds(time)), time) << text;
    }
    constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    for (const std::string_view text : {"0001-01-01T00:00:00Z", "1677-09-21T23:59:59.999Z"}) {
        EXPECT_EQ(to_nanoseconds(*parse_time(text)), kMin) << text;
    }
    for (const std::string_view text : {"9999-12-31T23:59:59Z", "2262-04-11T00:00:00Z"}) {
        EXPECT_EQ(to_nanoseconds(*parse_time(text)), kMax) << text;
    }
    EXPECT_EQ(format_time(from_nanoseconds(kMin)), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(format_time(from_nanoseconds(kMax)), "2262-04-11T23:47:16.854775807Z");
}

}  // namespace
}  // namespace vmsecurity::model::schema
