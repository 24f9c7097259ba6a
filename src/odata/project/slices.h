#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Cuts a JSON text that has no white space between its tokens, as canonical texts are, without
// parsing its values.
namespace vmsecurity::odata {

// The end of the value at `at`, which is its first byte; npos if the text ends within.
std::size_t end_of_value(std::string_view text, std::size_t at);

// Calls visit(name, value) for each member of an object, the name between its quotes as it is
// written. false: the text is no such object.
template <typename Visit>
bool for_each_member(std::string_view object, Visit&& visit) {
    if (!object.starts_with('{') || !object.ends_with('}')) return false;
    if (object.size() == 2) return true;
    for (std::size_t at = 1;;) {
        if (object[at] != '"') return false;
        const std::size_t colon = end_of_value(object, at);
        if (colon >= object.size() || object[colon] != ':') return false;
        const std::size_t end = end_of_value(object, colon + 1);
        if (end >= object.size() || end == colon + 1) return false;
        visit(object.substr(at + 1, colon - at - 2), object.substr(colon + 1, end - colon - 1));
        if (end + 1 == object.size()) return true;
        if (object[end] != ',') return false;
        at = end + 1;
    }
}

// Calls visit(value) for each element of an array.
template <typename Visit>
bool for_each_element(std::string_view array, Visit&& visit) {
    if (!array.starts_with('[') || !array.ends_with(']')) return false;
    if (array.size() == 2) return true;
    for (std::size_t at = 1;;) {
        const std::size_t end = end_of_value(array, at);
        if (end >= array.size() || end == at) return false;
        visit(array.substr(at, end - at));
        if (end + 1 == array.size()) return true;
        if (array[end] != ',') return false;
        at = end + 1;
    }
}

// The value of a member; empty if there is none.
std::string_view find_member(std::string_view object, std::string_view name);

// The text of a JSON string with its quotes; empty if it is none.
std::string unquoted(std::string_view value);

}  // namespace vmsecurity::odata
