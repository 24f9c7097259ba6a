#include "model/severity.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vmsecurity::model {
namespace {

// The first word of a severity is its name; the others are what distributions and databases call
// it.
constexpr std::array<std::pair<std::string_view, Severity>, 11> kWords = {{
    {"unknown", Severity::kUnknown},
    {"negligible", Severity::kNegligible},
    {"low", Severity::kLow},
    {"medium", Severity::kMedium},
    {"high", Severity::kHigh},
    {"critical", Severity::kCritical},
    {"none", Severity::kNegligible},
    {"unimportant", Severity::kNegligible},
    {"moderate", Severity::kMedium},
    {"important", Severity::kHigh},
    {"minor", Severity::kLow},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view to_string(Severity severity) {
    return std::ranges::find(kWords, severity, &std::pair<std::string_view, Severity>::second)
        ->first;
}

std::optional<Severity> parse_severity(std::string_view text) {
    for (const auto& [word, severity] : kWords) {
        if (equal_ignoring_case(word, text)) return severity;
    }
    return std::nullopt;
}

}  // namespace vmsecurity::model
