#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::advisories {

// The keys to look a distribution up by, best first; the first one that the file has is the one to
// use: debian 12 -> {"Debian:12", "Debian"}, ubuntu 22.04 -> {"Ubuntu:22.04:LTS", "Ubuntu:22.04"}.
// Empty: not a distribution that advisories cover.
std::vector<std::string> distribution_ecosystems(std::string_view os_id,
                                                 std::string_view version_id);

}  // namespace vmsecurity::advisories
