#pragma once

#include <string>

#include "families/vulnerabilities/package_match.h"
#include "model/package.h"

namespace vmsecurity::families::vulnerabilities {

// Why the distribution's advisories cannot be taken to speak for what `owner`, a deb package,
// brings along as `file`; empty: they can. Anyone can build a deb package with Python packages in
// it, and dpkg does not record where one came from. What can be told:
// - A distribution's own packages put nothing outside /usr, nor below /usr/local (Debian
// Policy 9.1,
//   FHS 3.13 and 4.9), where Python looks.
// - Its advisories know the source package (`known`), or the maintainer has an address of the
//   distribution or of the one it derives from.
std::string doubt_of_distribution(const model::Package& owner, const std::string& file,
                                  const Lookup& lookup, bool known,
                                  const model::OperatingSystem& os);

}  // namespace vmsecurity::families::vulnerabilities
