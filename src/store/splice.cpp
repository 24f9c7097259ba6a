#include "store/splice.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace vmsecurity::store {
namespace {

// The end of the string that begins with the quote at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return text.size();
}

// The end of the value at `at`: the first comma or closing bracket outside it.
std::size_t skip_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        if (c == '{' || c == '[') ++depth;
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
        if (c == '}' || c == ']') --depth;
        ++at;
    }
    return at;
}

std::vector<JsonMember> members_of(std::string_view object) {
    std::vector<JsonMember> members;
    std::size_t at = 1;  // behind the brace
    while (at < object.size() && object[at] == '"') {
        const std::size_t name_end = skip_string(object, at);
        const std::string_view name = object.substr(at + 1, name_end - at - 2);
        const std::size_t value = name_end + 1;  // behind the colon
        at = skip_value(object, value);
        members.push_back({name, object.substr(value, at - value)});
        ++at;  // behind the comma
    }
    return members;
}

std::size_t place_of(const model::schema::Schema& schema, std::string_view name) {
    const auto found = std::ranges::find(schema.fields, name, &model::schema::Field::name);
    return static_cast<std::size_t>(found - schema.fields.begin());
}

}  // namespace

std::string splice_members(const model::schema::Schema& schema, std::string_view document,
                           std::span<const JsonMember> members) {
    std::vector<JsonMember> all = members_of(document);
    std::erase_if(all, [&](const JsonMember& member) {
        return std::ranges::find(members, member.name, &JsonMember::name) != members.end();
    });
    all.insert(all.end(), members.begin(), members.end());
    // Members have different names, so different places; unknown ones share the last, in their
    // order.
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < all.size(); ++i) {
        places.emplace_back(place_of(schema, all[i].name), i);
    }
    std::ranges::sort(places);

    std::size_t size = 2;
    for (const JsonMember& member : all) size += member.name.size() + member.json.size() + 4;
    std::string out;
    out.reserve(size);
    out += '{';
    for (const auto& [place, index] : places) {
        const JsonMember& member = all[index];
        if (out.size() > 1) out += ',';
        out.append("\"").append(member.name).append("\":").append(member.json);
    }
    out += '}';
    return out;
}

}  // namespace vmsecurity::store
