#include "schedule/planner.h"

#include <fmt/format.h>

namespace vmsecurity::schedule {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Times are seconds after 2026-11-25 00:00:00 UTC.
constexpr sys_seconds kMidnight{
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / std::chrono::day(25))};
constexpr seconds kTwo = hours(2);

struct Case {
    std::string_view name;
    std::string_view cron;
    std::optional<seconds> operation_time;
    Overlap overlap;
    MissedRuns missed_runs;
    bool running;
    std::optional<seconds> last_started_for;
    std::optional<seconds> last_ended;
    seconds now;
    std::string_view decision;
};

std::string show(const std::optional<sys_seconds>& time) {
    return time ? fmt::format("{}", (*time - kMidnight).count()) : "-";
}

std::string show(const Decision& decision) {
    static constexpr std::array<std::string_view, 6> kNames = {
        "nothing", "wait", "wait-for-running", "start", "leave-out", "move"};
    return fmt::format("{} {} next {}{}{}", kNames.at(static_cast<std::size_t>(decision.action)),
                       show(decision.time), show(decision.next), decision.late ? " late" : "",
                       decision.disables() ? " disable" : "");
}

class Planner : public testing::TestWithParam<Case> {};

std::optional<sys_seconds> at(const std::optional<seconds>& time) {
    return time ? std::optional(kMidnight + *time) : std::nullopt;
}

TEST_P(Planner, Decides) {
    const Case& given = GetParam();
    auto schedule = make_schedule(given.cron, "", at(given.operation_time));
    ASSERT_TRUE(schedule) << schedule.error().describe();
    schedule->overlap = given.overlap;
    schedule->missed_runs = given.missed_runs;
    const RunHistory history{given.running, at(given.last_started_for), at(given.last_ended)};
    const Decision decision = decide(*schedule, history, kMidnight + given.now);
    EXPECT_EQ(show(decision), given.decision);
    const bool silent = decision.action == Action::kNothing || decision.action == Action::kWait;
    EXPECT_EQ(decision.reason.empty(), silent);
}

constexpr auto kSkip = Overlap::kSkip;
constexpr auto kWait = Overlap::kWait;
constexpr auto kRunOnce = MissedRuns::kRunOnce;
constexpr auto kForget = MissedRuns::kSkip;
constexpr std::string_view kDaily = "0 2 * * *";  // 7200, then 93600
constexpr std::string_view kHourly = "0 * * * *";

INSTANTIATE_TEST_SUITE_P(
    Table, Planner,
    testing::Values(
        Case{"Early", kDaily, kTwo, kSkip, kRunOnce, false, {}, {}, hours(1), "wait 7200 next -"},
        Case{"EarlyWhileRunning",
             kDaily,
             kTwo,
             kSkip,
             kRunOnce,
             true,
             {},
             {},
             hours(1),
             "wait 7200 next -"},
        Case{"Due", kDaily, kTwo, kSkip, kRunOnce, false, {}, {}, kTwo, "start 7200 next 93600"},
        Case{"JustOnTime",
             kDaily,
             kTwo,
             kSkip,
             kForget,
             false,
             {},
             {},
             kTwo + seconds(60),
             "start 7200 next 93600"},
        Case{"JustMissed",
             kDaily,
             kTwo,
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             kTwo + seconds(61),
             "start 7200 next 93600 late"},
        Case{"MissedAndSkipped",
             kDaily,
             kTwo,
             kSkip,
             kForget,
             false,
             {},
             {},
             kTwo + seconds(61),
             "move - next 93600 late"},
        // down from 02:25 to 02:40 with a run at 02:30: one late run, not none and not two
        Case{"DownForAQuarter",
             "30 2 * * *",
             minutes(150),
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             minutes(160),
             "start 9000 next 95400 late"},
        Case{"ManyMissed",
             kHourly,
             kTwo,
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             days(3) + minutes(5),
             "start 7200 next 262800 late"},
        Case{"StartNow", kDaily, hours(5), kSkip, kRunOnce, false, kTwo, kTwo + hours(1),
             hours(5) + seconds(1), "start 18000 next 93600"},
        Case{"StartNowOnce",
             "",
             hours(5),
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             hours(5),
             "start 18000 next - disable"},
        Case{"FirstTimeFarAhead",
             kDaily,
             days(30),
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             hours(5),
             "wait 2592000 next -"},
        // a run of before is still there
        Case{"LeftOut",
             kDaily,
             kTwo,
             kSkip,
             kRunOnce,
             true,
             {},
             {},
             kTwo,
             "leave-out 7200 next 93600"},
        Case{"LeftOutOnce",
             "",
             kTwo,
             kSkip,
             kRunOnce,
             true,
             {},
             {},
             kTwo,
             "leave-out 7200 next - disable"},
        Case{"Waits",
             kDaily,
             kTwo,
             kWait,
             kRunOnce,
             true,
             {},
             {},
             hours(9),
             "wait-for-running 7200 next -"},
        Case{"WaitedAndRuns", kDaily, kTwo, kWait, kForget, false, seconds(0), hours(9), hours(9),
             "start 7200 next 93600"},
        Case{"WaitedButMissed", kDaily, kTwo, kWait, kForget, false, seconds(0), hours(9),
             hours(10), "move - next 93600 late"},
        Case{"EndedBeforeItWasDue", kDaily, kTwo, kWait, kForget, false, seconds(0), hours(1),
             hours(10), "move - next 93600 late"},
        // once
        Case{"Once", "", kTwo, kSkip, kRunOnce, false, {}, {}, kTwo, "start 7200 next - disable"},
        Case{"OnceLate",
             "",
             kTwo,
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             days(9),
             "start 7200 next - late disable"},
        Case{"OnceMissed",
             "",
             kTwo,
             kSkip,
             kForget,
             false,
             {},
             {},
             days(9),
             "move - next - late disable"},
        Case{"OnceStarted",
             "",
             kTwo,
             kSkip,
             kRunOnce,
             false,
             kTwo,
             {},
             days(9),
             "move - next - disable"},
        Case{"LastOfItsYear",
             "0 2 25 11 * 2026",
             kTwo,
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             kTwo,
             "start 7200 next - disable"},
        // ended between starting a run and moving the operation time
        Case{"Started",
             kDaily,
             kTwo,
             kSkip,
             kRunOnce,
             true,
             kTwo,
             {},
             kTwo + seconds(2),
             "move - next 93600"},
        Case{"StartedAndEnded", kDaily, kTwo, kWait, kRunOnce, false, kTwo, hours(3), hours(4),
             "move - next 93600"},
        // clocks that are set
        Case{"ClockWentBack", kDaily, hours(26), kSkip, kRunOnce, false, kTwo, hours(3), hours(1),
             "wait 93600 next -"},
        Case{"ClockWentForward",
             kDaily,
             kTwo,
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             days(1) + hours(1),
             "start 7200 next 93600 late"},
        // nothing scheduled yet, or ever
        Case{"NoOperationTime",
             kDaily,
             {},
             kSkip,
             kRunOnce,
             false,
             {},
             {},
             hours(1),
             "move - next 7200"},
        Case{"Nothing", "", {}, kSkip, kRunOnce, false, {}, {}, hours(1), "move - next - disable"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(PlannerSchedule, ThatIsDisabledDoesNothing) {
    auto schedule = make_schedule(kDaily, "", kMidnight + kTwo);
    ASSERT_TRUE(schedule);
    schedule->disabled = true;
    EXPECT_EQ(decide(*schedule, {}, kMidnight + days(1)).action, Action::kNothing);
}

TEST(PlannerSchedule, CountsInItsZone) {
    const auto schedule = make_schedule(kDaily, "America/New_York", kMidnight + kTwo);
    ASSERT_TRUE(schedule);
    EXPECT_EQ(show(decide(*schedule, {}, kMidnight + kTwo)), "start 7200 next 25200");
}

TEST(PlannerSchedule, NamesTheMemberThatIsWrong) {
    EXPECT_EQ(make_schedule("61 * * * *", "", {}).error().where, "cronLine");
    EXPECT_EQ(make_schedule("", "Mars/Olympus", {}).error().where, "timeZone");
}

// A planner that asks every second for three days, with a crash between a start and its second
// write now and then, starts each run once.
TEST(PlannerSchedule, StartsEachRunOnce) {
    auto schedule = make_schedule("0 */4 * * *", "", {});
    ASSERT_TRUE(schedule);
    RunHistory history;
    std::map<sys_seconds, int> starts;
    for (sys_seconds now = kMidnight + seconds(1); now < kMidnight + days(3); now += seconds(1)) {
        const Decision decision = decide(*schedule, history, now);
        if (decision.action == Action::kWait) continue;
        bool crashed = false;
        if (decision.action == Action::kStart) {
            crashed = ++starts[*decision.time] == 1 && starts.size() % 3 == 0;
            history.last_started_for = decision.time;
        }
        if (!crashed) schedule->operation_time = decision.next;
    }
    EXPECT_EQ(starts.size(), 17U);
    for (const auto& [time, count] : starts) EXPECT_EQ(count, 1) << show(time);
}

}  // namespace
}  // namespace vmsecurity::schedule
