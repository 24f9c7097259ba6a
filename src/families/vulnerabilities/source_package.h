#pragma once

#include <string>

#include "model/package.h"

namespace vmsecurity::families::vulnerabilities {

// A source package and its version, by the names that a distribution's advisories use.
struct SourcePackage {
    std::string name;
    std::string version;
    bool operator==(const SourcePackage&) const = default;
};

// What the advisories about an installed deb package speak of: its source package, and for a signed
// kernel the source that the signed code was built from.
SourcePackage advised_source(const model::Package& package, const model::OperatingSystem& os);

}  // namespace vmsecurity::families::vulnerabilities
