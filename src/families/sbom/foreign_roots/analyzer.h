#pragma once

#include <memory>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::foreign_roots {

// "sbom/foreign-roots": which package databases there are, of the root and of others inside it
// (containers, chroots), so that what this build does not read is said.
std::unique_ptr<scan::Analyzer> make_analyzer();

}  // namespace vmsecurity::families::sbom::foreign_roots
