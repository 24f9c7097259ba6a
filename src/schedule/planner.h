#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace vmsecurity::schedule {

enum class Overlap : std::uint8_t { kSkip, kWait };
enum class MissedRuns : std::uint8_t { kRunOnce, kSkip };

// When something is to be run. With neither a cron expression nor an operation time it never is.
struct Schedule {
    std::optional<CronExpression> cron;                      // none: once, at operation_time
    TimeZone zone = TimeZone::utc();                         // of `cron`
    std::optional<std::chrono::sys_seconds> operation_time;  // the next run; "now" starts one
    Overlap overlap = Overlap::kSkip;
    MissedRuns missed_runs = MissedRuns::kRunOnce;
    bool disabled = false;
};

// A schedule of its texts; empty ones are absent. Errors: of CronExpression::parse and
// TimeZone::find, with the member ("cronLine", "timeZone") in `where`.
base::Result<Schedule> make_schedule(std::string_view cron_line, std::string_view time_zone,
                                     std::optional<std::chrono::sys_seconds> operation_time);

// What has become of the earlier runs.
struct RunHistory {
    bool running = false;  // one has not ended
    // The operation time that the last run was started for. Says that a run needs no second start
    // although its operation time is still the old one: the planner ended between the two writes.
    std::optional<std::chrono::sys_seconds> last_started_for;
    std::optional<std::chrono::sys_seconds> last_ended;
};

// A run is on time this long after its operation time; after that it counts as missed.
inline constexpr std::chrono::seconds kOnTime{60};

enum class Action : std::uint8_t {
    kNothing,         // disabled
    kWait,            // until `time`
    kWaitForRunning,  // ask again when the run has ended
    kStart,           // a run for operation time `time`, then `next`
    kLeaveOut,  // the run for operation time `time`, since another one is running; then `next`
    kMove,      // no run: operation time becomes `next`
};

// `next` is what the operation time is to become. If it is nothing after kStart, kLeaveOut or
// kMove, no run is left, and the schedule is to be disabled.
struct Decision {
    Action action = Action::kNothing;
    std::optional<std::chrono::sys_seconds> time;
    std::optional<std::chrono::sys_seconds> next;
    bool late = false;        // the run was missed, however many others were with it
    std::string_view reason;  // a sentence for the log; empty for kNothing and kWait

    bool disables() const {
        return !next &&
               (action == Action::kStart || action == Action::kLeaveOut || action == Action::kMove);
    }
};

// A function of its arguments alone: the same question has the same answer after a crash and on
// another machine. A clock that is set back starts nothing twice, since the operation time has
// moved on; one that is set forward starts one run.
Decision decide(const Schedule& schedule, const RunHistory& history, std::chrono::sys_seconds now);

}  // namespace vmsecurity::schedule
