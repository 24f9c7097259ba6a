#include "cli/client/yaml.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"

namespace vmsecurity::cli {
namespace {

constexpr std::size_t kIndent = 2;

bool is_plain(std::string_view text) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"y", "n", "yes", "no", "on", "off", "true", "false", "null"});
    if (text.empty() || std::ranges::find(kWords, base::to_lower(text)) != kWords.end()) {
        return false;
    }
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto inside = [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("_-./+").find(c) != std::string_view::npos;
    };
    // Whatever begins with a letter is no number, no time and no indicator.
    return letter(text.front()) && std::ranges::all_of(text, inside);
}

std::string scalar(const boost::json::value& value) {
    if (value.is_string() && is_plain(value.get_string())) return std::string(value.get_string());
    codec::JsonWriter writer;
    model::schema::write_json(writer, value);  // [] and {} too
    return writer.take();
}

std::string key_of(std::string_view key) {
    if (is_plain(key)) return std::string(key);
    codec::JsonWriter writer;
    writer.value(key);
    return writer.take();
}

bool is_block(const boost::json::value& value) {
    return (value.is_object() && !value.get_object().empty()) ||
           (value.is_array() && !value.get_array().empty());
}

void append(std::string& out, const boost::json::value& value, std::size_t indent,
            bool inline_first) {
    // The first line of what stands behind "- " is indented already.
    const auto begin_line = [&] {
        if (!inline_first) out.append(indent, ' ');
        inline_first = false;
    };
    if (value.is_object() && is_block(value)) {
        for (const auto& member : value.get_object()) {
            begin_line();
            out += key_of(member.key()) + ':';
            if (is_block(member.value())) {
                out += '\n';
                append(out, member.value(), indent + kIndent, false);
            } else {
                out += ' ' + scalar(member.value()) + '\n';
            }
        }
    } else if (is_block(value)) {
        for (const auto& element : value.get_array()) {
            begin_line();
            out += "- ";
            append(out, element, indent + kIndent, true);
        }
    } else {
        begin_line();
        out += scalar(value) + '\n';
    }
}

}  // namespace

std::string to_yaml(const boost::json::value& value) {
    std::string out;
    append(out, value, 0, false);
    return out;
}

}  // namespace vmsecurity::cli
