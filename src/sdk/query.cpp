#include "sdk/query.h"

#include <fmt/format.h>

namespace vmsecurity::sdk {
namespace {

std::string escape(std::string_view text, std::string_view plain) {
    std::string escaped;
    escaped.reserve(text.size());
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

std::string in_quotes(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) literal.append(c == '\'' ? 2 : 1, c);
    return literal + "'";
}

std::string id_in(std::span<const std::string> ids) {
    std::string filter = "id in (";
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0) filter += ',';
        filter += in_quotes(ids[i]);
    }
    return filter + ')';
}

}  // namespace vmsecurity::sdk
