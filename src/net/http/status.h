#pragma once

#include <string_view>

namespace vmsecurity::net {

// The reason phrase of a status code (RFC 9110 §15); "Unknown" for others.
std::string_view reason_phrase(int status);

}  // namespace vmsecurity::net
