#pragma once

#include <vector>

#include "advisories/database.h"
#include "base/result.h"
#include "families/sbom/sbom.h"
#include "model/coverage.h"
#include "model/vulnerability.h"

namespace vmsecurity::families::vulnerabilities {

struct Matches {
    std::vector<model::Vulnerability> vulnerabilities;  // gravest first, then id, package, location
    std::vector<model::Vulnerability>
        suppressed;  // matches that do not count; each has suppressed_by
    std::vector<model::CoverageEntry> coverage;  // per ecosystem: matched, or no advisories for it
                                                 // in the file; versions that could not be compared
};

// Distribution packages by source name and source version (dpkg order; source_package.h), Python
// packages by normalised name (PEP 440). A Python package that a package of the distribution itself
// owns (owner.h) is judged by the distribution's records only; what PyPI's advisories say of it is
// in `suppressed`. Where another package owns it, or the file has nothing for the distribution,
// PyPI's advisories count and `remark` names the owner. Records that are aliases of each other make
// one vulnerability with all of them as evidence.
base::Result<Matches> match(const sbom::Sbom& sbom, const advisories::Database& database);

}  // namespace vmsecurity::families::vulnerabilities
