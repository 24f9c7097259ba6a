#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "findings/coverage.h"

namespace vmsecurity::store {

// Coverage as the database keeps it beside an observation, for those that come later and are older:
// [["scanner","location",true],...].
std::string coverage_text(std::span<const findings::CoveredLocation> coverage);
std::vector<findings::CoveredLocation> parse_coverage(std::string_view text);

}  // namespace vmsecurity::store
