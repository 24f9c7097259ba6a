#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Date-times of the API: RFC 3339 §5.6 text, compared as instants.
namespace vmsecurity::model::schema {

// An instant of the years 0000 to 9999, UTC.
struct Time {
    std::int64_t seconds = 0;      // since 1970-01-01T00:00:00Z, without leap seconds
    std::int32_t nanoseconds = 0;  // 0 to 999,999,999
    auto operator<=>(const Time&) const = default;
};

// A whole RFC 3339 date-time ("2023-01-20T15:46:18.123+01:00", T and Z in either case) or nothing.
// A leap second (23:59:60 in UTC) is the second after it; digits below nanoseconds are cut off.
std::optional<Time> parse_time(std::string_view text);

// In UTC, with as many digits of the fraction as it needs: "2023-01-20T14:46:18.123Z".
std::string format_time(Time time);

// What columns hold: nanoseconds since 1970. Instants before 1677-09-22 and from 2262-04-11 on
// become the least and the greatest number (clients written in Go send the year 1 for "never").
std::int64_t to_nanoseconds(Time time);
Time from_nanoseconds(std::int64_t nanoseconds);

}  // namespace vmsecurity::model::schema
