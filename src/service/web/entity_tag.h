#pragma once

#include <string_view>

#include "net/http/message.h"

namespace vmsecurity::service {

// True if If-None-Match names the tag (RFC 9110 §13.1.2: weak comparison), which is with its
// quotes.
bool matches_entity_tag(const net::Request& request, std::string_view tag);

}  // namespace vmsecurity::service
