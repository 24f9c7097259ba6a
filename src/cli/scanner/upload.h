#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/families_config/families_config.h"
#include "cli/scan/scanned.h"
#include "families/sbom/results/results.h"

namespace vmsecurity::cli {

// A scan as FamilyResults speak of it: places in the asset, by volume.
struct LocatedScan {
    std::vector<families::sbom::results::Root> roots;
    std::vector<families::vulnerabilities::Matches> matches;  // of each root; empty: none matched
    families::sbom::results::Head head;                       // with the coverage of packages
    std::vector<Unsupported> unsupported;                     // told with its family
    bool read_anything = false;                               // some volume was walked
};
LocatedScan locate(Scanned scanned, std::string observed_on,
                   families::sbom::results::InputStatistics statistics);

// FamilyResults in zstd, made without holding them unpacked.
base::Result<std::string> pack_packages(const LocatedScan& scan);
base::Result<std::string> pack_vulnerabilities(const LocatedScan& scan);
// Of a family that did not look at anything: nothing found, nothing closed, and why.
base::Result<std::string> pack_nothing(std::string_view family, const std::string& observed_on,
                                       model::CoverageState state, const std::string& reason);

}  // namespace vmsecurity::cli
