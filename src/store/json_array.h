#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vmsecurity::store {

// A JSON array of texts: how a list of any length becomes one parameter, so that the statement
// stays the same. Texts with U+0000 become null; no column holds them, and PostgreSQL refuses them.
std::string json_array(std::span<const std::string> texts);
std::string json_array(std::span<const std::string_view> texts);

}  // namespace vmsecurity::store
