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
    // Best first. What the first one knows it decides, affected or not: "Debian" without a release
    // has nothing to say about a vulnerability that "Debian:12" has a record of.
    std::vector<std::string> ecosystems;
    std::string name;
    std::string version;
    const VersionOrder* order = nullptr;
};

struct Findings {
    // Without the package_* fields; ordered by id. Records that share an id or alias make one
    // (record_group.h).
    std::vector<model::Vulnerability> vulnerabilities;
    bool known = false;           // the file has records about the package, whatever its version
    bool not_comparable = false;  // some have ranges that the version could not be compared with
};

base::Result<Findings> find_vulnerabilities(const advisories::Database& database,
                                            const Lookup& lookup);

}  // namespace vmsecurity::families::vulnerabilities
