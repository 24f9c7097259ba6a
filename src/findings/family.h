#pragma once

#include <span>
#include <string_view>

#include "findings/finding_key.h"

namespace vmsecurity::findings {

// A kind of scan: its names in an asset scan, which are those of VMClarity 0.6.
struct Family {
    FindingType type = FindingType::kPackage;
    std::string_view name;     // in status, stats, coverage and the change feed: "sbom"
    std::string_view member;   // its results: "sboms"
    std::string_view results;  // the array in them: "packages"
    std::string_view counter;  // in summaries: "totalPackages"
};

std::span<const Family> families();  // in the order of kFindingTypes
const Family& family_of(FindingType type);
const Family* find_family(std::string_view name);              // nullptr if there is none
const Family* find_family_by_member(std::string_view member);  // likewise

}  // namespace vmsecurity::findings
