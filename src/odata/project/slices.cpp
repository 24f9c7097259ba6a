#include "odata/project/slices.h"

#include "codec/json.h"

namespace vmsecurity::odata {
namespace {

// Behind the string that starts with the quote at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

}  // namespace

std::size_t end_of_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            if (depth == 0) return at;
            continue;
        }
        if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return at;  // of what holds the value
            if (--depth == 0) return at + 1;
        } else if (c == ',' && depth == 0) {
            return at;
        }
        ++at;
    }
    return depth == 0 ? at : std::string_view::npos;
}

std::string_view find_member(std::string_view object, std::string_view name) {
    std::string_view found;
    for_each_member(object, [&](std::string_view one, std::string_view value) {
        if (one == name) found = value;
    });
    return found;
}

std::string unquoted(std::string_view value) {
    if (value.size() < 2 || value.front() != '"') return {};
    if (value.find('\\') == std::string_view::npos) {
        return std::string(value.substr(1, value.size() - 2));
    }
    const auto parsed = codec::parse_json(value);
    return parsed && parsed->is_string() ? std::string(parsed->get_string()) : std::string();
}

}  // namespace vmsecurity::odata
