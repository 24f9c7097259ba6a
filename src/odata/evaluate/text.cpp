#include "odata/evaluate/text.h"

#include <algorithm>

namespace vmsecurity::odata {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

bool starts_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// The byte at which the code point `index` starts; the end if there are fewer.
std::size_t offset_of(std::string_view text, std::int64_t index) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (starts_code_point(text[at]) && index-- == 0) break;
    }
    return at;
}

}  // namespace

std::int64_t length(std::string_view text) {
    return std::ranges::count_if(text, starts_code_point);
}

std::int64_t index_of(std::string_view text, std::string_view part) {
    const std::size_t found = text.find(part);
    return found == std::string_view::npos ? -1 : length(text.substr(0, found));
}

std::string substring(std::string_view text, std::int64_t start, std::int64_t count) {
    text.remove_prefix(offset_of(text, std::max<std::int64_t>(start, 0)));
    return std::string(text.substr(0, offset_of(text, std::max<std::int64_t>(count, 0))));
}

std::string to_upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = "\t\n\v\f\r ";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string without_nul(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (;;) {
        const std::size_t nul = text.find('\0');
        out += text.substr(0, nul);
        if (nul == std::string_view::npos) return out;
        out += kReplacement;
        text.remove_prefix(nul + 1);
    }
}

std::string json_without_nul(std::string_view json) {
    constexpr std::string_view kNul = "\\u0000";
    std::string out;
    out.reserve(json.size());
    for (;;) {
        const std::size_t escape = json.find('\\');
        out += json.substr(0, escape);
        if (escape == std::string_view::npos) return out;
        json.remove_prefix(escape);
        const bool nul = json.starts_with(kNul);
        const std::string_view whole = json.substr(0, nul ? kNul.size() : 2);
        out += nul ? kReplacement : whole;
        json.remove_prefix(whole.size());
    }
}

}  // namespace vmsecurity::odata
