#include "schedule/planner.h"

#include "schedule/next_run.h"

namespace vmsecurity::schedule {

namespace {

using std::chrono::sys_seconds;

std::optional<sys_seconds> run_after(const Schedule& schedule, sys_seconds time) {
    if (!schedule.cron) return std::nullopt;
    return next_run(*schedule.cron, schedule.zone, time);
}

// A run that waited for another one became due when that ended: no orchestrator was missing.
sys_seconds due_since(const Schedule& schedule, const RunHistory& history) {
    const sys_seconds due = *schedule.operation_time;
    if (schedule.overlap == Overlap::kWait && history.last_ended) {
        return std::max(due, *history.last_ended);
    }
    return due;
}

base::Error at_member(base::Error error, std::string member) {
    error.where = std::move(member);
    return error;
}

}  // namespace

base::Result<Schedule> make_schedule(std::string_view cron_line, std::string_view time_zone,
                                     std::optional<sys_seconds> operation_time) {
    Schedule made;
    made.operation_time = operation_time;
    auto zone = TimeZone::find(time_zone);
    if (!zone) return base::fail(at_member(std::move(zone).error(), "timeZone"));
    made.zone = *std::move(zone);
    if (cron_line.empty()) return made;
    auto cron = CronExpression::parse(cron_line);
    if (!cron) return base::fail(at_member(std::move(cron).error(), "cronLine"));
    made.cron = *std::move(cron);
    return made;
}

Decision decide(const Schedule& schedule, const RunHistory& history, sys_seconds now) {
    if (schedule.disabled) return {};
    const auto next = run_after(schedule, now);
    if (!schedule.operation_time) {
        return {
            Action::kMove, {}, next, false, next ? "the first run is set" : "no run is scheduled"};
    }
    const sys_seconds operation_time = *schedule.operation_time;
    if (history.last_started_for == operation_time) {
        return {Action::kMove, {}, next, false, "this run has been started before"};
    }
    if (operation_time > now) return {Action::kWait, operation_time, {}, false, {}};
    if (history.running) {
        if (schedule.overlap == Overlap::kWait) {
            return {Action::kWaitForRunning,
                    operation_time,
                    {},
                    false,
                    "the run before has not ended, and overlap is Wait"};
        }
        return {Action::kLeaveOut, operation_time, next, false,
                "the run before has not ended, and overlap is Skip"};
    }
    const bool late = now - due_since(schedule, history) > kOnTime;
    if (late && schedule.missed_runs == MissedRuns::kSkip) {
        return {Action::kMove, {}, next, true, "the run was missed, and missedRuns is Skip"};
    }
    return {Action::kStart, operation_time, next, late,
            late ? "the run was missed, and is made up for" : "the run is due"};
}

}  // namespace vmsecurity::schedule
