#include "schedule/next_run.h"

#include <fmt/format.h>

#include <fstream>

#include "base/text.h"

namespace vmsecurity::schedule {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// "2025-03-30T01:00" or "2025-03-30T01:00:30"
sys_seconds read_time(std::string_view text) {
    const auto part = [&](std::size_t at, std::size_t size) {
        return static_cast<unsigned>(base::parse_unsigned(text.substr(at, size)).value());
    };
    return from_civil({static_cast<int>(part(0, 4)), part(5, 2), part(8, 2), part(11, 2),
                       part(14, 2), text.size() > 16 ? part(17, 2) : 0});
}

std::string show(const std::optional<sys_seconds>& time) {
    if (!time) return "never";
    const Civil civil = to_civil(*time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}", civil.year, civil.month, civil.day,
                       civil.hour, civil.minute) +
           (civil.second == 0 ? "" : fmt::format(":{:02}", civil.second));
}

CronExpression cron_of(std::string_view text) {
    auto cron = CronExpression::parse(text);
    EXPECT_TRUE(cron) << text;
    return *cron;
}

TimeZone zone_of(std::string_view name) {
    auto zone = TimeZone::find(name);
    EXPECT_TRUE(zone) << zone.error().describe();
    return zone.value_or(TimeZone::utc());
}

TEST(NextRun, FollowsTheTableOfClockChanges) {
    std::ifstream table("testdata/clock_changes.txt");
    ASSERT_TRUE(table);
    std::size_t cases = 0;
    for (std::string line; std::getline(table, line);) {
        if (line.empty() || line.front() == '#') continue;
        const auto fields = base::split(line, '|');
        ASSERT_EQ(fields.size(), 4U) << line;
        const CronExpression cron = cron_of(base::trim(fields[1]));
        const TimeZone zone = zone_of(base::trim(fields[0]));
        std::optional<sys_seconds> at = read_time(base::trim(fields[2]));
        for (const std::string_view expected : base::split(base::trim(fields[3]), ' ')) {
            at = next_run(cron, zone, *at);
            ASSERT_EQ(show(at), expected) << line;
        }
        ++cases;
    }
    EXPECT_GT(cases, 30U);
}

std::size_t runs_between(std::string_view cron, std::string_view zone, std::string_view begin,
                         std::string_view end) {
    std::size_t runs = 0;
    const CronExpression expression = cron_of(cron);
    const TimeZone time_zone = zone_of(zone);
    sys_seconds at = read_time(begin) - seconds(1);
    while (const auto next = next_run(expression, time_zone, at)) {
        if (*next >= read_time(end)) break;
        at = *next;
        ++runs;
    }
    return runs;
}

TEST(NextRun, OfWildcardsIsEveryHalfHourOfRealTime) {
    // Berlin's days of 25 and of 23 hours
    EXPECT_EQ(runs_between("*/30 * * * *", "Europe/Berlin", "2025-10-25T22:00", "2025-10-26T23:00"),
              50U);
    EXPECT_EQ(runs_between("*/30 * * * *", "Europe/Berlin", "2025-03-29T23:00", "2025-03-30T22:00"),
              46U);
}

// Against a search minute by minute over eleven months: a wildcard names each moment whose local
// time matches, a time of day the first of each day.
TEST(NextRun, AgreesWithASearchMinuteByMinute) {
    for (const std::string_view name : {"Europe/Berlin", "Australia/Lord_Howe", "America/Havana"}) {
        const TimeZone zone = zone_of(name);
        for (const std::string_view text : {"*/10 * * * *", "*/15 1-2 * * *"}) {
            const CronExpression cron = cron_of(text);
            sys_seconds at = read_time("2025-01-01T00:00");
            auto expected = next_run(cron, zone, at);
            for (; at < read_time("2025-12-01T00:00"); at += minutes(1)) {
                const Civil local = zone.to_local(at);
                const auto shifted = from_civil(local) - seconds(1);
                const bool named = cron.next(to_civil(shifted)) == local;
                if (at <= read_time("2025-01-01T00:00")) continue;
                ASSERT_EQ(named, expected == at) << name << " " << text << " " << show(at);
                if (named) expected = next_run(cron, zone, at);
            }
        }
        // 02:15 is skipped or shown twice in one of the zones: still one run a day
        const std::string_view fixed = "15 2 * * *";
        EXPECT_EQ(runs_between(fixed, name, "2025-01-02T12:00", "2027-01-02T12:00"), 730U) << name;
    }
}

TEST(TimeZone, KnowsBothSidesOfAChange) {
    const TimeZone berlin = zone_of("Europe/Berlin");
    const auto winter = berlin.period_at(read_time("2025-03-30T00:59"));
    EXPECT_EQ(winter.offset, seconds(3600));
    EXPECT_EQ(show(winter.end), "2025-03-30T01:00");
    EXPECT_EQ(berlin.period_at(winter.end).offset, seconds(7200));
    EXPECT_EQ(zone_of("").name(), "UTC");
}

TEST(TimeZone, NamesAnUnknownOne) {
    for (const std::string_view name :
         {"Europe/Atlantis", "europe/berlin", "../../../etc/passwd", "zone.tab", "localtime",
          "Europe", "CEST", " ", "Europe/Berlin\n"}) {
        const auto zone = TimeZone::find(name);
        ASSERT_FALSE(zone) << name;
        EXPECT_EQ(zone.error().code, base::ErrorCode::kInvalidArgument) << name;
        EXPECT_THAT(zone.error().message, testing::HasSubstr(base::escape_bytes(name)));
    }
}

}  // namespace
}  // namespace vmsecurity::schedule
