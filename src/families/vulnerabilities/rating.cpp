#include "families/vulnerabilities/rating.h"

#include <optional>
#include <string>
#include <tuple>

#include "advisories/cvss.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::Advisory;
using advisories::PackageAdvisory;
using model::Severity;

struct Rating {
    Severity severity = Severity::kUnknown;
    std::string source;
};

void keep_graver(Rating& best, Severity severity, const std::string& source) {
    if (severity > best.severity) best = {severity, source};
}

// Debian marks some ratings as provisional by '*' ("low**"); the word is what counts.
Severity urgency_of(const PackageAdvisory& record) {
    std::string_view word = record.affected.urgency;
    while (word.ends_with('*')) word.remove_suffix(1);
    return model::parse_severity(word).value_or(Severity::kUnknown);
}

const Advisory* best_vector(std::span<const PackageAdvisory* const> records) {
    const auto key = [](const Advisory& advisory) {
        return std::tuple(advisories::cvss_version(advisory.cvss_vector),
                          advisories::cvss_base_score(advisory.cvss_vector).value_or(-1));
    };
    const Advisory* best = nullptr;
    for (const PackageAdvisory* record : records) {
        if (record->advisory.cvss_vector.empty()) continue;
        if (best == nullptr || key(record->advisory) > key(*best)) best = &record->advisory;
    }
    return best;
}

}  // namespace

void rate(std::span<const PackageAdvisory* const> records, model::Vulnerability& vulnerability) {
    Rating by_urgency;
    Rating by_word;
    for (const PackageAdvisory* record : records) {
        const std::string& id = record->advisory.id;
        keep_graver(by_urgency, urgency_of(*record),
                    id + ": urgency \"" + record->affected.urgency + '"');
        keep_graver(by_word, record->advisory.severity,
                    id + ": \"" + std::string(model::to_string(record->advisory.severity)) + '"');
    }
    Rating rating = by_urgency.severity != Severity::kUnknown ? by_urgency : by_word;
    if (const Advisory* advisory = best_vector(records)) {
        vulnerability.cvss_vector = advisory->cvss_vector;
        vulnerability.cvss_score = advisories::cvss_base_score(advisory->cvss_vector);
        if (rating.severity == Severity::kUnknown && vulnerability.cvss_score) {
            rating = {advisories::severity_of_score(*vulnerability.cvss_score),
                      advisory->id + ": " + advisory->cvss_vector};
        }
    }
    vulnerability.severity = rating.severity;
    vulnerability.severity_source = rating.source;
}

}  // namespace vmsecurity::families::vulnerabilities
