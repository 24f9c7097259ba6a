#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "codec/json.h"
#include "findings/finding_key.h"

namespace vmsecurity::findings {

// One fact that a scan found.
struct ObservedFinding {
    std::string key;       // key_digest() of finding_key()
    std::string scanner;   // who found it; empty: the family's only scanner
    std::string location;  // the part of the asset, as coverage names it; empty: the whole asset
    boost::json::object info;        // findingInfo with its objectType
    boost::json::object evidence;    // empty: none
    boost::json::object enrichment;  // empty: none

    std::string info_text() const;  // canonical
    // A digest of all that the finding says: equal if nothing changed.
    std::int64_t content(std::string_view info_text) const;
};

// From an element of a family's results in an asset scan (a Package, a Vulnerability, ...), or of
// FamilyResults.items ({findingInfo, scanner, location, evidence, enrichment}). The element has
// been validated. kInvalidArgument: nothing in it says what was found, or it is of another type.
base::Result<ObservedFinding> observe_result(FindingType type, boost::json::object result);
base::Result<ObservedFinding> observe_item(FindingType type, boost::json::object item);

}  // namespace vmsecurity::findings
