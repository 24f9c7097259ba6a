#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The text functions of OData on well-formed UTF-8. Lengths and places count code points from 0.
namespace vmsecurity::odata {

std::int64_t length(std::string_view text);
std::int64_t index_of(std::string_view text, std::string_view part);  // -1: it is not there
// From `start` on at most `count` code points. Both are 0 where they are below.
std::string substring(std::string_view text, std::int64_t start, std::int64_t count = INT64_MAX);
std::string to_upper(std::string_view text);      // ASCII only, as base::to_lower
std::string_view trimmed(std::string_view text);  // ASCII white space off both ends
std::string without_nul(std::string_view text);   // U+0000 as U+FFFD
// The same in a JSON text, where it is written \u0000.
std::string json_without_nul(std::string_view json);

}  // namespace vmsecurity::odata
