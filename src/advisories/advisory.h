#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/severity.h"

namespace vmsecurity::advisories {

enum class EventKind : std::uint8_t { kIntroduced, kFixed, kLastAffected, kLimit };

// One event of an OSV range (OSV schema 1.6, "affected[].ranges[].events").
struct RangeEvent {
    EventKind kind = EventKind::kIntroduced;
    std::string version;
    bool operator==(const RangeEvent&) const = default;
};

struct VersionRange {
    std::vector<RangeEvent> events;
    bool operator==(const VersionRange&) const = default;
};

// How grave an advisory says that it is.
struct Rating {
    model::Severity severity = model::Severity::kUnknown;  // a word, if it gives one
    std::string cvss_vector;  // the highest version given: "CVSS:3.1/AV:N/..."
    bool empty() const { return severity == model::Severity::kUnknown && cvss_vector.empty(); }
    bool operator==(const Rating&) const = default;
};

// One package of one advisory.
struct AffectedPackage {
    std::string ecosystem;  // "Debian:12", "PyPI"
    std::string name;       // Debian: source package; PyPI: normalised by PEP 503
    std::vector<VersionRange> ranges;
    std::vector<std::string> versions;  // affected one by one
    std::string urgency;  // the distribution's own word, e.g. "unimportant", "end-of-life"
    Rating rating;        // for this package alone; where not empty it stands for the advisory's
    bool operator==(const AffectedPackage&) const = default;
};

struct Advisory {
    std::string id;
    std::vector<std::string> aliases;  // the same vulnerability under other names
    std::vector<std::string>
        related;  // OSV "related" and "upstream": not the same thing, e.g. the CVEs of a DSA
    std::string summary;
    std::string published;  // RFC 3339, empty if unknown
    std::string modified;
    Rating rating;
    std::vector<std::string> urls;
    std::vector<AffectedPackage> affected;
    bool operator==(const Advisory&) const = default;
};

}  // namespace vmsecurity::advisories
