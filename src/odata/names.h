#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::odata {

// The end of a message about an unknown name: "Did you mean 'title' or 'titles'?" with the nearest
// candidates, or, if none is near, all of them.
std::string suggest(std::string_view name, std::vector<std::string_view> candidates);

}  // namespace vmsecurity::odata
