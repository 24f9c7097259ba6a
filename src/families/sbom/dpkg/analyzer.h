#pragma once

#include <memory>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::dpkg {

// "sbom/dpkg": the packages of dpkg's status database, of distroless images' status.d, and the
// files that they own.
std::unique_ptr<scan::Analyzer> make_analyzer();

}  // namespace vmsecurity::families::sbom::dpkg
