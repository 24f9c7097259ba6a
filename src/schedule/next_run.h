#pragma once

#include <chrono>
#include <optional>

#include "schedule/cron.h"
#include "schedule/time_zone.h"

namespace vmsecurity::schedule {

// The first run of a schedule after `after`; nothing if there is none until the year 2099.
//
// Where clocks are changed, the rules are those of Debian's cron(8). An expression that names its
// hours and minutes: a time that is skipped runs right after the gap, one that is shown twice runs
// the first time. An expression with `*` in hours or minutes follows real time: "every half hour"
// stays every half hour.
std::optional<std::chrono::sys_seconds> next_run(const CronExpression& cron, const TimeZone& zone,
                                                 std::chrono::sys_seconds after);

}  // namespace vmsecurity::schedule
