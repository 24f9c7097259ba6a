#include "schedule/next_run.h"

namespace vmsecurity::schedule {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// Each moment has one local time; it runs if the expression names that.
std::optional<sys_seconds> next_by_real_time(const CronExpression& cron, const TimeZone& zone,
                                             sys_seconds after) {
    while (true) {
        const TimeZone::Period period = zone.period_at(after + seconds(1));
        const auto local = cron.next(to_civil(after + period.offset));
        if (!local) return std::nullopt;
        const sys_seconds found = from_civil(*local) - period.offset;
        if (found < period.end) return found;
        after = period.end - seconds(1);
    }
}

// Each local time that the expression names has one moment, and those come in the same order.
std::optional<sys_seconds> next_by_local_time(const CronExpression& cron, const TimeZone& zone,
                                              sys_seconds after) {
    auto local = cron.next(zone.to_local(after));
    while (local) {
        const sys_seconds found = zone.from_local(*local);
        if (found > after) return found;
        local = cron.next(*local);  // of an hour that clocks show again
    }
    return std::nullopt;
}

}  // namespace

std::optional<sys_seconds> next_run(const CronExpression& cron, const TimeZone& zone,
                                    sys_seconds after) {
    return cron.follows_real_time() ? next_by_real_time(cron, zone, after)
                                    : next_by_local_time(cron, zone, after);
}

}  // namespace vmsecurity::schedule
