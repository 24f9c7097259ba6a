#pragma once

#include <string>
#include <vector>

#include "advisories/database.h"
#include "base/result.h"
#include "families/vulnerabilities/affected_version.h"
#include "model/vulnerability.h"

namespace vmsecurity::families::vulnerabilities {

// What is looked up, in the terms of the advisories: a Debian source package, a normalised Python
// name.
struct Lookup {
    std::string ecosystem;
    std::string name;
    std::string version;
    const VersionOrder* order = nullptr;
};

// Every vulnerability of that version, without the package_* fields; ordered by id. Records that
// share an id or alias make one (record_group.h).
base::Result<std::vector<model::Vulnerability>> find_vulnerabilities(
    const advisories::Database& database, const Lookup& lookup);

}  // namespace vmsecurity::families::vulnerabilities
