#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vmsecurity::model {

// Ordered by gravity, so that severities compare with <.
enum class Severity : std::uint8_t { kUnknown, kNegligible, kLow, kMedium, kHigh, kCritical };

std::string_view to_string(Severity severity);  // "critical"
// Case-insensitive; takes the words of the feeds too ("moderate", "important", "unimportant").
std::optional<Severity> parse_severity(std::string_view text);

}  // namespace vmsecurity::model
