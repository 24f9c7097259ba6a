#pragma once

#include <span>

#include "advisories/database.h"
#include "model/vulnerability.h"

namespace vmsecurity::families::vulnerabilities {

// Sets severity, its source and the CVSS fields from the records of one vulnerability. The
// distribution's urgency for the package decides before a record's own word, and that before a
// CVSS vector; among records of the same kind the gravest. A malicious package is critical whatever
// else is said. Of the vectors the one of the highest CVSS version is shown.
void rate(std::span<const advisories::PackageAdvisory* const> records,
          model::Vulnerability& vulnerability);

}  // namespace vmsecurity::families::vulnerabilities
