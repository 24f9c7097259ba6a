#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::cli {

// An OData option of a request, and the flag that it came from, for messages.
struct QueryOption {
    std::string name;   // "$filter"
    std::string value;  // as the user wrote it
    std::string flag;   // "--filter"; empty: ours
};

// RFC 3986: percent-encoded for a path segment or a query.
std::string escape_segment(std::string_view text);
std::string escape_query(std::string_view text);

// "/findings?$filter=..."
std::string target_of(std::string_view path, const std::vector<QueryOption>& options);

// Where an @odata.nextLink of the list at `path` leads. Only its query is taken, so that no answer
// can send the client, and its token, to another place. Empty: it has none.
std::string next_target(std::string_view path, std::string_view link);

// An OData literal: in quotes, ' doubled.
std::string in_quotes(std::string_view text);

}  // namespace vmsecurity::cli
