#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http/message.h"

// The target of a request (RFC 9112 §3.2) and its parts (RFC 3986 §2.1, §3.3, §3.4).
namespace vmsecurity::net {

struct Target {
    std::string path;  // decoded; begins with "/", or is "*" (OPTIONS)
    std::vector<QueryParameter> query;
};

// "/a%20b?x=1&y=" in origin form, "http://host/a" in absolute form, or "*". Only "&" separates
// parameters: ";" is data, for OData puts it inside values. A parameter without "=" has an empty
// value; empty ones ("a&&b") are left out. "+" is a space in the query alone. A fragment is no part
// of a target. kInvalidArgument, with the byte in `where`: a % that two hexadecimal digits do not
// follow, a NUL, decoded or not, more than kMaxQueryParameters.
base::Result<Target> parse_target(std::string_view target);

inline constexpr std::size_t kMaxQueryParameters = 1000;

// `offset` is added to the positions in errors.
base::Result<std::vector<QueryParameter>> parse_query(std::string_view query,
                                                      std::size_t offset = 0);
enum class PlusSign : bool { kIsPlus, kIsSpace };
base::Result<std::string> percent_decode(std::string_view text, PlusSign plus,
                                         std::size_t offset = 0);

// Escapes all but the unreserved characters of RFC 3986 §2.3.
std::string percent_encode(std::string_view text);

}  // namespace vmsecurity::net
