#include "schedule/cron.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vmsecurity::schedule {
namespace {

std::string show(const std::optional<Civil>& civil) {
    if (!civil) return "never";
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", civil->year, civil->month, civil->day,
                       civil->hour, civil->minute, civil->second);
}

Civil read(std::string_view text) {
    const auto part = [&](std::size_t at, std::size_t size) {
        return static_cast<unsigned>(*base::parse_unsigned(text.substr(at, size)));
    };
    return {static_cast<int>(part(0, 4)),
            part(5, 2),
            part(8, 2),
            part(11, 2),
            part(14, 2),
            part(17, 2)};
}

struct NextCase {
    std::string_view expression;
    std::string_view after;
    std::string_view next;
};

class CronNext : public testing::TestWithParam<NextCase> {};

TEST_P(CronNext, IsTheFirstMomentAfter) {
    const auto cron = CronExpression::parse(GetParam().expression);
    ASSERT_TRUE(cron) << cron.error().describe();
    EXPECT_EQ(show(cron->next(read(GetParam().after))), GetParam().next) << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    Table, CronNext,
    testing::Values(NextCase{"* * * * *", "2026-11-25 04:30:10", "2026-11-25 04:31:00"},
                    NextCase{"* * * * *", "2026-12-31 23:59:00", "2027-01-01 00:00:00"},
                    NextCase{"0 */4 * * *", "2026-11-25 04:00:00", "2026-11-25 08:00:00"},
                    NextCase{"@daily", "2026-11-25 00:00:00", "2026-11-26 00:00:00"},
                    NextCase{"@Hourly", "2026-11-25 00:59:59", "2026-11-25 01:00:00"},
                    NextCase{"@weekly", "2026-11-25 00:00:00", "2026-11-29 00:00:00"},
                    NextCase{"@yearly", "2026-01-01 00:00:00", "2027-01-01 00:00:00"},
                    NextCase{"30 9 * * mon-fri", "2026-11-27 09:30:00", "2026-11-30 09:30:00"},
                    NextCase{"30 9 * * 7", "2026-11-25 00:00:00", "2026-11-29 09:30:00"},
                    NextCase{"0 0 31 * *", "2026-11-25 00:00:00", "2026-12-31 00:00:00"},
                    NextCase{"0 0 29 2 *", "2026-11-25 00:00:00", "2028-02-29 00:00:00"},
                    NextCase{"0 0 L * *", "2026-02-01 00:00:00", "2026-02-28 00:00:00"},
                    NextCase{"0 0 LW * *", "2026-02-01 00:00:00", "2026-02-27 00:00:00"},
                    NextCase{"0 0 15W * *", "2026-11-01 00:00:00", "2026-11-16 00:00:00"},
                    NextCase{"0 0 1W * *", "2026-08-01 00:00:00", "2026-08-03 00:00:00"},
                    NextCase{"0 0 * * 5L", "2026-11-01 00:00:00", "2026-11-27 00:00:00"},
                    NextCase{"0 0 * * 5#2", "2026-11-01 00:00:00", "2026-11-13 00:00:00"},
                    // either day is enough when both are restricted
                    NextCase{"0 0 13 * 5", "2026-11-13 00:00:00", "2026-11-20 00:00:00"},
                    NextCase{"0 0 1 1 * 2030", "2026-11-25 00:00:00", "2030-01-01 00:00:00"},
                    NextCase{"0 0 1 1 * 2020", "2026-11-25 00:00:00", "never"},
                    NextCase{"0 0 31 2 *", "2026-11-25 00:00:00", "never"},
                    NextCase{"15,45 0 0 * * * *", "2026-11-25 00:00:15", "2026-11-25 00:00:45"},
                    NextCase{"*/20 * * * * * *", "2026-11-25 00:00:59", "2026-11-25 00:01:00"},
                    NextCase{"5/10 * * * *", "2026-11-25 00:56:00", "2026-11-25 01:05:00"},
                    NextCase{"10-20/5 * * * *", "2026-11-25 00:16:00", "2026-11-25 00:20:00"}));

TEST(CronExpression, SaysWhatIsWrongWithABadOne) {
    const std::vector<std::pair<std::string_view, std::string_view>> cases = {
        {"", "0 fields"},
        {"* * * *", "4 fields"},
        {"* * * * * * * *", "8 fields"},
        {"60 * * * *", "minutes"},
        {"* 24 * * *", "hours"},
        {"* * 0 * *", "day of month"},
        {"* * 32 * *", "day of month"},
        {"* * * 13 *", "month"},
        {"* * * foo *", "month"},
        {"* * * * 8", "day of week"},
        {"* * * * 5#6", "1 to 5"},
        {"*/0 * * * *", "step"},
        {"20-10 * * * *", "ends before it begins"},
        {"1,,2 * * * *", "minutes"},
        {"-1 * * * *", "minutes"},
        {"@never", "@hourly"},
        {"* * * * * 1969", "year"},
    };
    for (const auto& [expression, expected] : cases) {
        const auto cron = CronExpression::parse(expression);
        ASSERT_FALSE(cron) << expression;
        EXPECT_THAT(cron.error().message, testing::HasSubstr(expected)) << expression;
    }
}

// Against a second by second search: what next() skips is never named by the expression.
TEST(CronExpression, AgreesWithASearchMinuteByMinute) {
    for (const std::string_view expression :
         {"*/7 3,5 * * *", "0 12 1,15 * wed", "30 23 L * *", "59 23 * 12 5#1"}) {
        const auto cron = CronExpression::parse(expression);
        ASSERT_TRUE(cron);
        auto at = std::chrono::sys_seconds(std::chrono::sys_days(
            std::chrono::year(2027) / std::chrono::December / std::chrono::day(1)));
        const auto end = at + std::chrono::days(45);
        auto expected = cron->next_utc(at);
        for (auto minute = at + std::chrono::minutes(1); minute < end && expected;
             minute += std::chrono::minutes(1)) {
            const auto next = cron->next_utc(minute - std::chrono::seconds(1));
            ASSERT_TRUE(next);
            const bool named = *next == minute;
            EXPECT_EQ(named, *expected == minute) << expression;
            if (named) expected = cron->next_utc(minute);
        }
    }
}

}  // namespace
}  // namespace vmsecurity::schedule
