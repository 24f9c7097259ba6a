#pragma once

#include <string_view>

namespace vmsecurity::families::sbom {

// True for an identifier of the SPDX licence list in its exact spelling. Knows the common ones
// only: for any other text the answer is false, and it is then given as a name.
bool is_spdx_license_id(std::string_view text);

}  // namespace vmsecurity::families::sbom
