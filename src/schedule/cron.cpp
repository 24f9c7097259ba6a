#include "schedule/cron.h"

namespace vmsecurity::schedule {

namespace {

constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2099;

bool is_weekend(unsigned week_day) {
    return week_day == 0 || week_day == 6;
}

// The weekday (Monday to Friday) nearest to a day, inside its month.
unsigned nearest_weekday(int year, unsigned month, unsigned day, unsigned last) {
    const unsigned week_day = weekday_of(year, month, day);
    if (week_day == 6) return day > 1 ? day - 1 : day + 2;
    if (week_day == 0) return day < last ? day + 1 : day - 2;
    return day;
}

template <std::size_t Size>
std::optional<unsigned> first_from(const std::bitset<Size>& bits, unsigned from) {
    for (unsigned i = from; i < Size; ++i) {
        if (bits[i]) return i;
    }
    return std::nullopt;
}

}  // namespace

std::bitset<32> CronExpression::days(int year, unsigned month) const {
    const unsigned last = days_in_month(year, month);
    std::bitset<32> by_month;
    std::bitset<32> by_week;
    for (unsigned day = 1; day <= last; ++day) {
        const unsigned week_day = weekday_of(year, month, day);
        if (month_days_[day]) by_month.set(day);
        if (nearest_weekdays_[day]) by_month.set(nearest_weekday(year, month, day, last));
        if (week_days_[week_day]) by_week.set(day);
        if (nth_week_days_.at((day - 1) / 7 + 1)[week_day]) by_week.set(day);
        if (day + 7 > last && last_week_days_[week_day]) by_week.set(day);
    }
    if (last_day_) by_month.set(last);
    if (last_weekday_) {
        unsigned day = last;
        while (is_weekend(weekday_of(year, month, day))) --day;
        by_month.set(day);
    }
    if (month_days_restricted_ && week_days_restricted_) return by_month | by_week;
    return by_month & by_week;  // the unrestricted one names every day
}

std::optional<Civil> CronExpression::first_in_month(int year, unsigned month,
                                                    const Civil& not_before) const {
    const std::bitset<32> candidates = days(year, month);
    for (unsigned day = 1; day < candidates.size(); ++day) {
        if (!candidates[day]) continue;
        const Civil start{year, month, day, 0, 0, 0};
        const Civil end{year, month, day, 23, 59, 59};
        if (end < not_before) continue;
        const bool same_day = start < not_before;
        unsigned hour = same_day ? not_before.hour : 0;
        for (auto h = first_from(hours_, hour); h; h = first_from(hours_, *h + 1)) {
            const bool same_hour = same_day && *h == not_before.hour;
            const unsigned minute = same_hour ? not_before.minute : 0;
            for (auto m = first_from(minutes_, minute); m; m = first_from(minutes_, *m + 1)) {
                const bool same_minute = same_hour && *m == not_before.minute;
                const auto s = first_from(seconds_, same_minute ? not_before.second : 0);
                if (s) return Civil{year, month, day, *h, *m, *s};
            }
        }
    }
    return std::nullopt;
}

std::optional<Civil> CronExpression::next(const Civil& after) const {
    const Civil from = to_civil(from_civil(after) + std::chrono::seconds(1));
    for (int year = std::max(from.year, kFirstYear); year <= kLastYear; ++year) {
        if (!years_[static_cast<std::size_t>(year - kFirstYear)]) continue;
        for (unsigned month = year == from.year ? from.month : 1; month <= 12; ++month) {
            if (!months_[month]) continue;
            if (const auto found = first_in_month(year, month, from)) return found;
        }
    }
    return std::nullopt;
}

std::optional<std::chrono::sys_seconds> CronExpression::next_utc(
    std::chrono::sys_seconds after) const {
    const auto found = next(to_civil(after));
    if (!found) return std::nullopt;
    return from_civil(*found);
}

}  // namespace vmsecurity::schedule
