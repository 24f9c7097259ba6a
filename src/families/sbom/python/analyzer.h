#pragma once

#include <memory>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::python {

// "sbom/python": installed Python distributions, wherever they lie.
std::unique_ptr<scan::Analyzer> make_analyzer();

}  // namespace vmsecurity::families::sbom::python
