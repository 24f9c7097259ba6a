#pragma once

#include <optional>

#include "net/http/message.h"
#include "net/server/server.h"

namespace vmsecurity::net {

// The answer to a preflight (WHATWG Fetch §3.2.2) where the origin is allowed; none for any other
// request, which then goes its ordinary way.
std::optional<Response> answer_preflight(const CrossOrigin& rules, const Request& request);

// Adds what lets a page of an allowed origin read the answer.
void allow_origin(const CrossOrigin& rules, const Request& request, Headers& headers);

}  // namespace vmsecurity::net
