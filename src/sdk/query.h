#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace vmsecurity::sdk {

// RFC 3986: percent-encoded for a path segment or a query.
std::string escape_segment(std::string_view text);
std::string escape_query(std::string_view text);

// An OData literal: in quotes, ' doubled.
std::string in_quotes(std::string_view text);

// "id in ('a','b')", for lists of what one knows by id. Not for an empty list.
std::string id_in(std::span<const std::string> ids);

}  // namespace vmsecurity::sdk
