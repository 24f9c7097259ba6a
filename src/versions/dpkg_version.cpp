#include "versions/dpkg_version.h"

#include <algorithm>
#include <cstddef>

namespace vmsecurity::versions {
namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Weight of the byte at the front of a run of non-digits (deb-version(7), "Sorting algorithm"): '~'
// before the end, the end before letters, letters before everything else.
int weight(std::string_view text) {
    if (text.empty() || is_digit(text[0])) return 0;
    if (text[0] == '~') return -1;
    const int byte = static_cast<unsigned char>(text[0]);
    return is_letter(text[0]) ? byte : byte + 256;
}

// Takes the digits off the front of `text`, without their leading zeros.
std::string_view take_number(std::string_view& text) {
    const auto end =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

// Numbers of any length, so no overflow: without leading zeros the longer one is larger.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a <=> b;
}

// One part (upstream version or revision): runs of non-digits and of digits in turn.
std::weak_ordering compare_part(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_digit(a[0])) || (!b.empty() && !is_digit(b[0]))) {
            const auto order = weight(a) <=> weight(b);
            if (order != 0) return order;
            // Equal weights: both fronts are the same byte, or neither has one to take.
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
        const auto order = compare_numbers(take_number(a), take_number(b));
        if (order != 0) return order;
    }
    return std::weak_ordering::equivalent;
}

struct Parts {
    std::string_view epoch;  // digits without leading zeros
    std::string_view upstream;
    std::string_view revision;
};

Parts split(std::string_view version) {
    Parts parts;
    const std::size_t colon = version.find(':');
    if (colon != std::string_view::npos && colon > 0 &&
        std::ranges::all_of(version.substr(0, colon), is_digit)) {
        std::string_view epoch = version.substr(0, colon);
        parts.epoch = take_number(epoch);
        version.remove_prefix(colon + 1);
    }
    const std::size_t hyphen = version.rfind('-');
    parts.upstream = version.substr(0, hyphen);
    if (hyphen != std::string_view::npos) parts.revision = version.substr(hyphen + 1);
    return parts;
}

}  // namespace

std::weak_ordering compare_dpkg(std::string_view a, std::string_view b) {
    const Parts left = split(a);
    const Parts right = split(b);
    if (const auto order = compare_numbers(left.epoch, right.epoch); order != 0) return order;
    if (const auto order = compare_part(left.upstream, right.upstream); order != 0) return order;
    return compare_part(left.revision, right.revision);
}

}  // namespace vmsecurity::versions
