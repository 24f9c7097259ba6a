#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::findings {

// What one scan of one family really looked at, as far as it says.
struct CoveredLocation {
    std::string scanner;   // empty: every scanner of the family
    std::string location;  // this one and what lies in it; empty: the whole asset
    bool finished = false;

    bool operator==(const CoveredLocation&) const = default;
};

// Whether a scan with this coverage would have seen a finding of `scanner` in `location` if it were
// still there. Of the entries that hold the location the most special one decides, for each
// scanner:
//  - a finding whose scanner is known needs that scanner to have finished, others do not matter;
//  - one whose scanner is not known needs every scanner that is named to have finished;
//  - one of the whole asset (empty location) needs everything to have been finished.
// What no entry speaks of was not looked at.
bool looked_at(std::span<const CoveredLocation> coverage, std::string_view scanner,
               std::string_view location);

// "partition 2" holds itself, "partition 2, /var" and "partition 2/var", but not "partition 21".
bool holds(std::string_view outer, std::string_view inner);

}  // namespace vmsecurity::findings
