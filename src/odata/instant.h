#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsecurity::odata {

// A point in time. Times before 1677-09-22 and from 2262-04-11 on (what int64 cannot hold) are
// taken as the lowest and the highest value.
struct Instant {
    std::int64_t nanoseconds = 0;  // since 1970-01-01T00:00:00Z

    auto operator<=>(const Instant&) const = default;
};

// The texts between which Instant is exact; earlier and later ones are clamped.
inline constexpr std::string_view kFirstExactDay = "1677-09-22";
inline constexpr std::string_view kFirstDayBeyond = "2262-04-11";

// An RFC 3339 date-time ("2023-01-20T15:46:18.5+01:00"; seconds may be left out, as OData allows),
// or a date, which stands for its first instant in UTC.
std::optional<Instant> parse_instant(std::string_view text);

// "2023-01-20T15:46:18.5Z": UTC, as many digits as needed.
std::string format_instant(Instant instant);

struct CivilDate {
    std::int64_t year;
    unsigned month;
    unsigned day;
};
CivilDate civil_date(Instant instant);
Instant start_of_day(Instant instant);
std::int64_t hour_of_day(Instant instant);
std::int64_t minute_of_hour(Instant instant);

}  // namespace vmsecurity::odata
