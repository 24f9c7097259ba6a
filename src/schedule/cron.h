#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "schedule/civil.h"

namespace vmsecurity::schedule {

// A cron expression of five to seven fields: [seconds] minutes hours day-of-month month day-of-week
// [year]. Five fields have neither seconds nor year, six end with a year, seven have both. In each
// field: `*`, `?`, numbers, names of months and days, lists, ranges and steps; in day-of-month also
// `L` (the last day), `LW` (the last weekday) and `15W` (the weekday nearest to the 15th); in
// day-of-week also `5L` (the last Friday) and `5#2` (the second Friday); 0 and 7 are Sunday. Where
// both kinds of day are restricted, either is enough (crontab(5)). And @yearly, @annually,
// @monthly,
// @weekly, @daily, @midnight, @hourly.
class CronExpression {
  public:
    // Errors name the field, what stands in it, and what may.
    static base::Result<CronExpression> parse(std::string_view text);

    // The first moment after `after` that the expression names, both without a time zone. Nothing
    // if there is none until the year 2099.
    std::optional<Civil> next(const Civil& after) const;
    std::optional<std::chrono::sys_seconds> next_utc(std::chrono::sys_seconds after) const;

    // True if hours or minutes are given with `*`: such an expression means a distance in time
    // rather than times of day (cron(8) of Debian).
    bool follows_real_time() const { return follows_real_time_; }

  private:
    friend class CronParser;

    std::optional<Civil> first_in_month(int year, unsigned month, const Civil& not_before) const;
    std::bitset<32> days(int year, unsigned month) const;

    std::bitset<60> seconds_;
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> month_days_;
    std::bitset<32> nearest_weekdays_;  // `15W`
    bool last_day_ = false;             // `L`
    bool last_weekday_ = false;         // `LW`
    std::bitset<13> months_;
    std::bitset<7> week_days_;
    std::bitset<7> last_week_days_;                // `5L`
    std::array<std::bitset<7>, 6> nth_week_days_;  // `5#2`: [2][5]
    bool month_days_restricted_ = false;
    bool week_days_restricted_ = false;
    bool follows_real_time_ = false;
    std::bitset<130> years_;  // from 1970
};

}  // namespace vmsecurity::schedule
