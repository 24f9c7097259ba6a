#pragma once

#include <map>
#include <string>
#include <vector>

#include "families/sbom/records.h"
#include "model/coverage.h"
#include "model/package.h"

namespace vmsecurity::families::sbom {

// What coverage says about the package databases of a root that runs `os` (id empty: unknown), of
// which `databases` (name -> installed packages) were read to their end: one entry for each, and
// one where the system should have another database than these. Never nothing.
std::vector<model::CoverageEntry> database_coverage(
    const model::OperatingSystem& os, const std::map<std::string, std::uint64_t>& databases);

}  // namespace vmsecurity::families::sbom
