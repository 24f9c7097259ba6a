#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisories/advisory.h"
#include "families/vulnerabilities/version_order.h"

namespace vmsecurity::families::vulnerabilities {

// Why a version is affected.
struct AffectedMatch {
    std::string constraint;                   // ">= 2.0, < 2.31.0", "= 1.2.3", "all versions"
    std::vector<std::string> fixed_versions;  // that end the intervals it lies in; ascending
    bool open_ended = false;  // some interval it lies in has no end: nothing fixes it yet
};

// Evaluates an entry as the OSV schema's "Evaluation" section does: the version is affected if a
// range covers it or `versions` names it. "introduced": "0" is the beginning, "fixed" ends an
// interval before itself, "last_affected" after itself; a range may hold several intervals.
std::optional<AffectedMatch> match_version(const advisories::AffectedPackage& affected,
                                           std::string_view version, const VersionOrder& order);

}  // namespace vmsecurity::families::vulnerabilities
