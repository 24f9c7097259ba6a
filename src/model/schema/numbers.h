#pragma once

#include <cstdint>
#include <optional>

#include "codec/json.h"

namespace vmsecurity::model::schema {

// A JSON number that is whole and fits int64, also where it was written as 5.0 or 5e0.
std::optional<std::int64_t> whole_number(const boost::json::value& value);

// A JSON number as double; nothing if it is none or not finite.
std::optional<double> real_number(const boost::json::value& value);

}  // namespace vmsecurity::model::schema
