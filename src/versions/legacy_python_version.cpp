#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "versions/pep440_version.h"

// The order that setuptools, and packaging up to release 21, gave to strings that are no PEP 440
// version: runs of digits, of letters, and the rest; "dev" before the other words, pre-releases
// before the end, words after it.
namespace vmsecurity::versions {
namespace {

constexpr std::size_t kNumberWidth = 8;  // shorter numbers are padded to it
constexpr std::string_view kZero = "00000000";
static_assert(kZero.size() == kNumberWidth);
constexpr std::string_view kFinal = "*final";

enum class Kind { kDigits, kLetters, kSeparator, kOther };

Kind kind_of(char c) {
    if (c >= '0' && c <= '9') return Kind::kDigits;
    if (c >= 'a' && c <= 'z') return Kind::kLetters;
    return c == '.' || c == '-' ? Kind::kSeparator : Kind::kOther;
}

std::string key_part(std::string_view part) {
    if (kind_of(part[0]) == Kind::kDigits) {
        return std::string(kNumberWidth - std::min(part.size(), kNumberWidth), '0') +
               std::string(part);
    }
    if (part == "pre" || part == "preview" || part == "rc") return "*c";
    if (part == "-") return "*final-";
    if (part == "dev") return "*@";
    return "*" + std::string(part);
}

void append(std::vector<std::string>& key, std::string part) {
    if (part.starts_with('*')) {
        if (part < kFinal) {
            while (!key.empty() && key.back() == "*final-") key.pop_back();
        }
        while (!key.empty() && key.back() == kZero) key.pop_back();
    }
    key.push_back(std::move(part));
}

std::vector<std::string> legacy_key(std::string_view version) {
    const std::string lower = base::to_lower(version);
    std::vector<std::string> key;
    for (std::size_t start = 0; start < lower.size();) {
        const Kind kind = kind_of(lower[start]);
        std::size_t end = start + 1;
        while (kind != Kind::kSeparator && end < lower.size() && kind_of(lower[end]) == kind) ++end;
        const std::string_view part = std::string_view(lower).substr(start, end - start);
        if (part != ".") append(key, key_part(part));
        start = end;
    }
    append(key, std::string(kFinal));
    return key;
}

}  // namespace

std::weak_ordering compare_pep440(std::string_view a, std::string_view b) {
    const auto left = Pep440Version::parse(a);
    const auto right = Pep440Version::parse(b);
    if (left && right) return *left <=> *right;
    if (left.has_value() != right.has_value()) return left.has_value() <=> right.has_value();
    return legacy_key(a) <=> legacy_key(b);
}

}  // namespace vmsecurity::versions
