#pragma once

#include <chrono>
#include <cstdint>

namespace vmsecurity::schedule {

// A date and time of day without a time zone, in the Gregorian calendar.
struct Civil {
    int year = 1970;
    unsigned month = 1;  // 1 to 12
    unsigned day = 1;    // 1 to 31
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    auto operator<=>(const Civil&) const = default;
};

inline Civil to_civil(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            static_cast<unsigned>(clock.hours().count()),
            static_cast<unsigned>(clock.minutes().count()),
            static_cast<unsigned>(clock.seconds().count())};
}

inline std::chrono::sys_seconds from_civil(const Civil& civil) {
    const std::chrono::year_month_day date{std::chrono::year(civil.year),
                                           std::chrono::month(civil.month),
                                           std::chrono::day(civil.day)};
    return std::chrono::sys_days(date) + std::chrono::hours(civil.hour) +
           std::chrono::minutes(civil.minute) + std::chrono::seconds(civil.second);
}

inline unsigned days_in_month(int year, unsigned month) {
    const std::chrono::year_month_day_last last{
        std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(month))};
    return static_cast<unsigned>(last.day());
}

// 0 is Sunday.
inline unsigned weekday_of(int year, unsigned month, unsigned day) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    return std::chrono::weekday(std::chrono::sys_days(date)).c_encoding();
}

}  // namespace vmsecurity::schedule
