#include "odata/sql/parameters.h"

#include <fmt/format.h>

namespace vmsecurity::odata::sql {

Value to_value(const Constant& constant) {
    if (const auto* instant = std::get_if<Instant>(&constant)) return instant->nanoseconds;
    if (const auto* truth = std::get_if<bool>(&constant)) return *truth;
    if (const auto* integer = std::get_if<std::int64_t>(&constant)) return *integer;
    if (const auto* real = std::get_if<double>(&constant)) return *real;
    if (const auto* text = std::get_if<std::string>(&constant)) return *text;
    return std::monostate{};
}

Fragment Parameters::add(const Constant& constant) {
    return add(to_value(constant));
}

Fragment Parameters::add(Value value) {
    constexpr const char* kTypes[] = {"text", "boolean", "bigint", "double precision",
                                      "text", "bytea"};
    const char* type = kTypes[value.index()];
    values_.push_back(std::move(value));
    if (dialect_ == Dialect::kSqlite) return atom(fmt::format("${}", values_.size()), 2);
    return atom(fmt::format("${}::{}", values_.size(), type), 3);
}

}  // namespace vmsecurity::odata::sql
