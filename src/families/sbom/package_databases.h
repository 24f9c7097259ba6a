#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "families/sbom/records.h"
#include "model/coverage.h"
#include "model/package.h"

namespace vmsecurity::families::sbom {

// The package databases of one root.
struct RootDatabases {
    std::map<std::string, std::uint64_t> read;  // to the end; name -> installed packages
    std::map<std::string, std::string> unread;  // seen, not dpkg's; name -> manager ("rpm")
};

// Whether the system `os` (id empty: unknown) is made of packages of `manager` ("rpm"): os-release
// decides, else whether dpkg lists any.
bool is_system_manager(std::string_view manager, const model::OperatingSystem& os,
                       const RootDatabases& databases);

// What coverage says about the package databases of a root that runs `os` (id empty: unknown): one
// entry for each, and one where the system should have another database than these. Never nothing.
std::vector<model::CoverageEntry> database_coverage(const model::OperatingSystem& os,
                                                    const RootDatabases& databases);

}  // namespace vmsecurity::families::sbom
