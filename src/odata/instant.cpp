#include "odata/instant.h"

#include <fmt/format.h>

#include <limits>

namespace vmsecurity::odata {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

std::int64_t floor_mod(std::int64_t value, std::int64_t divisor) {
    const std::int64_t rest = value % divisor;
    return rest < 0 ? rest + divisor : rest;
}

std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
    return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years that
// start on 1 March, so that the leap day is the last of its year.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = floor_div(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

unsigned days_in_month(std::int64_t year, unsigned month) {
    constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : kDays[month - 1];
}

// Reads fixed-width fields off the front of a text.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::optional<unsigned> digits(std::size_t count) {
        if (text_.size() < count) return std::nullopt;
        unsigned value = 0;
        for (const char c : text_.substr(0, count)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        text_.remove_prefix(count);
        return value;
    }

    bool accept(std::string_view any_of) {
        if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
        text_.remove_prefix(1);
        return true;
    }

    // The digits of a fraction as nanoseconds; what is finer is cut off.
    std::optional<std::int64_t> fraction() {
        std::int64_t value = 0;
        std::size_t count = 0;
        for (; count < text_.size() && text_[count] >= '0' && text_[count] <= '9'; ++count) {
            if (count < 9) value = value * 10 + (text_[count] - '0');
        }
        if (count == 0) return std::nullopt;
        for (std::size_t i = count; i < 9; ++i) value *= 10;
        text_.remove_prefix(count);
        return value;
    }

    bool at_end() const { return text_.empty(); }
    char peek() const { return text_.empty() ? '\0' : text_.front(); }

  private:
    std::string_view text_;
};

std::optional<std::int64_t> read_offset(Reader& reader) {
    if (reader.accept("Zz")) return 0;
    const char sign = reader.peek();
    if (!reader.accept("+-")) return std::nullopt;
    const auto hours = reader.digits(2);
    if (!hours || !reader.accept(":")) return std::nullopt;
    const auto minutes = reader.digits(2);
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const std::int64_t seconds = *hours * 3600 + *minutes * 60;
    return sign == '-' ? -seconds : seconds;
}

// Whole days are clamped, so that SQL can decide by the text of the date alone.
Instant clamp(std::int64_t seconds, std::int64_t nanoseconds) {
    const std::int64_t first_exact = days_from_civil(1677, 9, 22) * (kDay / kSecond);
    const std::int64_t beyond = days_from_civil(2262, 4, 11) * (kDay / kSecond);
    if (seconds < first_exact) return {std::numeric_limits<std::int64_t>::min()};
    if (seconds >= beyond) return {std::numeric_limits<std::int64_t>::max()};
    return {seconds * kSecond + nanoseconds};
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
    Reader reader(text);
    const auto year = reader.digits(4);
    if (!year || !reader.accept("-")) return std::nullopt;
    const auto month = reader.digits(2);
    if (!month || *month < 1 || *month > 12 || !reader.accept("-")) return std::nullopt;
    const auto day = reader.digits(2);
    if (!day || *day < 1 || *day > days_in_month(*year, *month)) return std::nullopt;
    std::int64_t seconds = days_from_civil(*year, *month, *day) * (kDay / kSecond);
    if (reader.at_end()) return clamp(seconds, 0);

    if (!reader.accept("Tt ")) return std::nullopt;
    const auto hour = reader.digits(2);
    if (!hour || *hour > 23 || !reader.accept(":")) return std::nullopt;
    const auto minute = reader.digits(2);
    if (!minute || *minute > 59) return std::nullopt;
    seconds += *hour * 3600 + *minute * 60;
    std::int64_t nanoseconds = 0;
    if (reader.accept(":")) {
        const auto second = reader.digits(2);
        if (!second || *second > 60) return std::nullopt;  // 60: a leap second
        seconds += *second;
        if (reader.accept(".")) {
            const auto fraction = reader.fraction();
            if (!fraction) return std::nullopt;
            nanoseconds = *fraction;
        }
    }
    const auto offset = read_offset(reader);
    if (!offset || !reader.at_end()) return std::nullopt;
    return clamp(seconds - *offset, nanoseconds);
}

CivilDate civil_date(Instant instant) {
    // The inverse of days_from_civil.
    const std::int64_t days = floor_div(instant.nanoseconds, kDay) + 719468;
    const std::int64_t era = floor_div(days, 146097);
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const auto day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    const auto month =
        static_cast<unsigned>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

Instant start_of_day(Instant instant) {
    const std::int64_t rest = floor_mod(instant.nanoseconds, kDay);
    if (instant.nanoseconds < std::numeric_limits<std::int64_t>::min() + rest) return instant;
    return {instant.nanoseconds - rest};
}

std::int64_t hour_of_day(Instant instant) {
    return floor_mod(instant.nanoseconds, kDay) / kHour;
}

std::int64_t minute_of_hour(Instant instant) {
    return floor_mod(instant.nanoseconds, kHour) / kMinute;
}

std::string format_instant(Instant instant) {
    const CivilDate date = civil_date(instant);
    const std::int64_t within = floor_mod(instant.nanoseconds, kDay);
    std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day,
                    within / kHour, within % kHour / kMinute, within % kMinute / kSecond);
    if (const std::int64_t fraction = within % kSecond; fraction != 0) {
        text += fmt::format(".{:09}", fraction);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + 'Z';
}

}  // namespace vmsecurity::odata
