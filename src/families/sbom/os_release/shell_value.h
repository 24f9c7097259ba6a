#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vmsecurity::families::sbom::os_release {

// The value of one shell-like assignment, as os-release(5) allows it: bare, in single or in double
// quotes, with backslash escapes as in sh(1). Nothing is expanded. Absent if a quote does not end,
// or if something other than a comment follows the value.
std::optional<std::string> unquote(std::string_view text);

}  // namespace vmsecurity::families::sbom::os_release
