#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "families/sbom/results/results.h"
#include "families/vulnerabilities/match.h"

// What the family found, as the API server keeps it (FamilyResults of api/openapi.yaml): after a
// scan, and when stored packages are matched with newer advisories.
namespace vmsecurity::families::vulnerabilities::results {

// A root's packages and what matching them gave.
struct MatchedRoot {
    const sbom::results::Root* root = nullptr;
    const Matches* matches = nullptr;
};

// What was looked at for vulnerabilities: what was looked at for packages (`packages`, as the SBOM
// family sent it), less the places of packages that there were no advisories for.
std::vector<sbom::results::LocatedCoverage> locate_coverage(
    std::span<const MatchedRoot> roots, std::span<const sbom::results::LocatedCoverage> packages);

// Those that count; what a distribution overrules is no finding. `head` has the coverage of
// locate_coverage().
base::Result<void> write(std::span<const MatchedRoot> roots, const sbom::results::Head& head,
                         const sbom::results::Sink& sink);

}  // namespace vmsecurity::families::vulnerabilities::results
