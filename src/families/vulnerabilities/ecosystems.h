#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisories/database.h"
#include "families/sbom/sbom.h"
#include "model/coverage.h"

namespace vmsecurity::families::vulnerabilities {

// Where the packages of one root are looked up.
struct Ecosystems {
    // What the file has for the distribution, best first: {"Debian:12", "Debian"}; empty: nothing.
    std::vector<std::string> distribution;
    std::vector<std::string> python;
    std::vector<model::CoverageEntry> coverage;  // one for each ecosystem, or the reason for none
};
Ecosystems choose_ecosystems(const sbom::Sbom& sbom, const advisories::Database& database);

model::CoverageEntry coverage_entry(std::string_view ecosystem, model::CoverageState state,
                                    std::string reason, std::uint64_t count);

}  // namespace vmsecurity::families::vulnerabilities
