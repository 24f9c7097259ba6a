#pragma once

#include <memory>
#include <vector>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom {

// All catalogers of this family, one of each sub-folder, in the order of their names.
std::vector<std::unique_ptr<scan::Analyzer>> make_catalogers();

}  // namespace vmsecurity::families::sbom
