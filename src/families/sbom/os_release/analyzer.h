#pragma once

#include <memory>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::os_release {

// "sbom/os-release": which operating system a root holds.
std::unique_ptr<scan::Analyzer> make_analyzer();

}  // namespace vmsecurity::families::sbom::os_release
