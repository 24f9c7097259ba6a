#include "model/schema/numbers.h"

#include <cmath>

namespace vmsecurity::model::schema {

std::optional<std::int64_t> whole_number(const boost::json::value& value) {
    if (const std::int64_t* number = value.if_int64()) return *number;
    const double* number = value.if_double();
    // Both bounds are powers of two, so that double holds them exactly. An uint64 is beyond int64:
    // Boost.JSON reads smaller ones as int64.
    constexpr double kBeyond = 9223372036854775808.0;
    if (number == nullptr || !(*number >= -kBeyond && *number < kBeyond)) return {};
    if (std::trunc(*number) != *number) return {};
    return static_cast<std::int64_t>(*number);
}

std::optional<double> real_number(const boost::json::value& value) {
    double number = 0;
    if (const std::int64_t* whole = value.if_int64()) {
        number = static_cast<double>(*whole);
    } else if (const std::uint64_t* natural = value.if_uint64()) {
        number = static_cast<double>(*natural);
    } else if (const double* real = value.if_double()) {
        number = *real;
    } else {
        return {};
    }
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

}  // namespace vmsecurity::model::schema
