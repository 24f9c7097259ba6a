#include "cli/client/query.h"

#include <fmt/format.h>

#include <algorithm>

namespace vmsecurity::cli {
namespace {

std::string escape(std::string_view text, std::string_view plain) {
    std::string escaped;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') ||
                                std::string_view("-._~").find(c) != std::string_view::npos;
        if (unreserved || plain.find(c) != std::string_view::npos) {
            escaped += c;
        } else {
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return escaped;
}

}  // namespace

std::string escape_segment(std::string_view text) {
    return escape(text, {});
}

std::string escape_query(std::string_view text) {
    return escape(text, "$/,()':;=@");
}

std::string target_of(std::string_view path, const std::vector<QueryOption>& options) {
    std::string target(path);
    char separator = '?';
    for (const QueryOption& option : options) {
        target += separator + escape_query(option.name) + '=' + escape_query(option.value);
        separator = '&';
    }
    return target;
}

std::string next_target(std::string_view path, std::string_view link) {
    const std::size_t question = link.find('?');
    if (question == std::string_view::npos) return {};
    const std::string_view query = link.substr(question, link.find('#') - question);
    const bool sound = std::ranges::all_of(query, [](char c) { return c > ' ' && c <= '~'; });
    return sound ? std::string(path) + std::string(query) : std::string();
}

std::string in_quotes(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) literal.append(c == '\'' ? 2 : 1, c);
    return literal + "'";
}

}  // namespace vmsecurity::cli
