#pragma once

#include <string>
#include <vector>

#include "advisories/database.h"
#include "families/vulnerabilities/affected_version.h"

namespace vmsecurity::families::vulnerabilities {

struct MatchedRecord {
    advisories::PackageAdvisory record;
    AffectedMatch match;
};

// The records of one vulnerability. Pointers into the vector that was grouped.
struct RecordGroup {
    std::string id;                             // the CVE where there is one, else a record's id
    std::vector<const MatchedRecord*> members;  // that speak of this vulnerability alone
    // That speak of others as well (a DSA; a record with two CVEs for aliases): evidence, but their
    // names, ratings and fixes are not this vulnerability's alone.
    std::vector<const MatchedRecord*> others;

    const std::vector<const MatchedRecord*>& speakers() const {
        return members.empty() ? others : members;
    }
};

// Records that are aliases of each other come into one group. Two CVEs never do, whatever connects
// them: each has a group of its own, and a record that names several is in all of these. A bulletin
// (DSA, DLA, USN) is in the groups of those of its CVEs that other records matched, and alone only
// where none did. In the order of ids.
std::vector<RecordGroup> group_records(const std::vector<MatchedRecord>& records);

// The other names of the group's vulnerability, sorted.
std::vector<std::string> aliases_of(const RecordGroup& group);

}  // namespace vmsecurity::families::vulnerabilities
