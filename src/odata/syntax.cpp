#include "odata/syntax.h"

#include <array>

namespace vmsecurity::odata {

std::string_view to_string(Function function) {
    constexpr std::array<std::string_view, 17> kNames = {
        "contains", "startswith", "endswith", "length", "indexof", "substring",
        "tolower",  "toupper",    "trim",     "concat", "year",    "month",
        "day",      "hour",       "minute",   "date",   "now"};
    return kNames.at(static_cast<std::size_t>(function));
}

std::string_view to_string(ComparisonOperator operation) {
    constexpr std::array<std::string_view, 6> kNames = {"eq", "ne", "gt", "ge", "lt", "le"};
    return kNames.at(static_cast<std::size_t>(operation));
}

std::string_view to_string(ArithmeticOperator operation) {
    constexpr std::array<std::string_view, 5> kNames = {"add", "sub", "mul", "div", "mod"};
    return kNames.at(static_cast<std::size_t>(operation));
}

std::string_view to_string(LogicalOperator operation) {
    return operation == LogicalOperator::kAnd ? "and" : "or";
}

}  // namespace vmsecurity::odata
