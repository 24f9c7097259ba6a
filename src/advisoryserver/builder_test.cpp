#include "advisoryserver/builder.h"

#include <gtest/gtest.h>

namespace vmsecurity::advisoryserver {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds kNight = sys_days(2026y / 3 / 28) + 1min;

Options every_six_hours() {
    Options options;
    options.schedule = schedule::CronExpression::parse("0 */6 * * *").value();
    return options;
}

TEST(NextBuild, FollowsTheSchedule) {
    EXPECT_EQ(next_build(every_six_hours(), kNight, 0), sys_days(2026y / 3 / 28) + hours(6));
}

TEST(NextBuild, HonoursTheTimeZone) {
    Options options;
    options.schedule = schedule::CronExpression::parse("30 12 * * *").value();
    options.zone = schedule::TimeZone::find("Europe/Berlin").value();
    EXPECT_EQ(next_build(options, kNight, 0), sys_days(2026y / 3 / 28) + hours(11) + minutes(30));
}

TEST(NextBuild, TriesAgainSoonAfterAFailure) {
    const Options options = every_six_hours();
    EXPECT_EQ(next_build(options, kNight, 1), kNight + minutes(1));
    EXPECT_EQ(next_build(options, kNight, 2), kNight + minutes(2));
    EXPECT_EQ(next_build(options, kNight, 1000), kNight + minutes(64));
    const auto almost = sys_days(2026y / 3 / 28) + hours(5) + minutes(30);
    EXPECT_EQ(next_build(options, almost, 1000), sys_days(2026y / 3 / 28) + hours(6));
}

}  // namespace
}  // namespace vmsecurity::advisoryserver
