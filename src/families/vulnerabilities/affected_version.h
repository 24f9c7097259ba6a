#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "advisories/advisory.h"
#include "families/vulnerabilities/version_order.h"

namespace vmsecurity::families::vulnerabilities {

// Why a version is affected.
struct AffectedMatch {
    std::string constraint;   // ">= 2.0, < 2.31.0", "= 1.2.3", "all versions"
    bool open_ended = false;  // some interval it lies in has no end: nothing fixes it yet
};

// Evaluates an entry as the OSV schema's "Evaluation" section does: the version is affected if a
// range covers it or `versions` names it. "introduced": "0" is the beginning, "fixed" ends an
// interval before itself, "last_affected" after itself; a range may hold several intervals. Of a
// version that the order does not know only entries of `versions` that are spelled the same and
// ranges without bounds can say anything.
std::optional<AffectedMatch> match_version(const advisories::AffectedPackage& affected,
                                           std::string_view version, const VersionOrder& order);

// True if the entry has ranges that only a version which the order knows can be compared with.
bool has_bounds(const advisories::AffectedPackage& affected);

// The lowest version, of those that one of the entries names as fixed and that are higher than
// `version`, which none of them affects any more. Empty if there is none.
std::string lowest_fixed(std::span<const advisories::AffectedPackage* const> entries,
                         std::string_view version, const VersionOrder& order);

}  // namespace vmsecurity::families::vulnerabilities
