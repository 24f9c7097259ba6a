#pragma once

#include <string_view>
#include <vector>

#include "codec/json.h"
#include "findings/coverage.h"

// Coverage as the API writes it: {family, scanner, scope, location, state, reason, count}.
namespace vmsecurity::findings {

// What the entries say of a family. An entry that names no family is about each of them.
std::vector<CoveredLocation> covered_locations(std::string_view family,
                                               const boost::json::array& entries);

// An asset scan's coverage after one of its families sent its own: that family's entries are
// replaced, the others stay. By family, whatever the order in which families were sent.
boost::json::array merge_coverage(const boost::json::array& known, std::string_view family,
                                  const boost::json::array& sent);

// Whether nothing is truncated, unsupported or failed.
bool is_complete(const boost::json::array& entries);

}  // namespace vmsecurity::findings
