#pragma once

#include <cstdint>
#include <string_view>

#include "codec/json.h"

namespace vmsecurity::findings {

// Severities of all types of findings have one order: the place of the word in findingInfo.severity
// of the API (model/api), which merges them by gravity. This is what columns hold.
inline constexpr std::int64_t kNoSeverity = -1;

std::int64_t severity_rank(std::string_view severity);
// Of findingInfo.severity.
std::int64_t severity_rank(const boost::json::object& finding_info);
// The word of a rank; empty for kNoSeverity and numbers that are no rank.
std::string_view severity_word(std::int64_t rank);

}  // namespace vmsecurity::findings
