#include "families/vulnerabilities/rating.h"

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "advisories/cvss.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::PackageAdvisory;
using model::Severity;

// Ids of the OpenSSF's records of packages that were made to harm. They carry no rating: there is
// no lesser case of it.
constexpr std::string_view kMaliciousPackage = "MAL-";

struct Verdict {
    Severity severity = Severity::kUnknown;
    std::string source;
};

void keep_graver(Verdict& best, Severity severity, const std::string& source) {
    if (severity > best.severity) best = {severity, source};
}

// Debian marks some ratings as provisional by '*' ("low**"); the word is what counts.
Severity urgency_of(const PackageAdvisory& record) {
    std::string_view word = record.affected.urgency;
    while (word.ends_with('*')) word.remove_suffix(1);
    return model::parse_severity(word).value_or(Severity::kUnknown);
}

// What the record says of this package stands for what it says of all (OSV schema, "severity").
const advisories::Rating& rating_of(const PackageAdvisory& record) {
    return record.affected.rating.empty() ? record.advisory.rating : record.affected.rating;
}

const PackageAdvisory* best_vector(std::span<const PackageAdvisory* const> records) {
    const auto key = [](const PackageAdvisory& record) {
        const std::string& vector = rating_of(record).cvss_vector;
        return std::tuple(advisories::cvss_version(vector),
                          advisories::cvss_base_score(vector).value_or(-1));
    };
    const PackageAdvisory* best = nullptr;
    for (const PackageAdvisory* record : records) {
        if (rating_of(*record).cvss_vector.empty()) continue;
        if (best == nullptr || key(*record) > key(*best)) best = record;
    }
    return best;
}

}  // namespace

void rate(std::span<const PackageAdvisory* const> records, model::Vulnerability& vulnerability) {
    Verdict by_urgency;
    Verdict by_word;
    bool malicious = false;
    for (const PackageAdvisory* record : records) {
        const std::string& id = record->advisory.id;
        const Severity word = rating_of(*record).severity;
        keep_graver(by_urgency, urgency_of(*record),
                    id + ": urgency \"" + record->affected.urgency + '"');
        keep_graver(by_word, word, id + ": \"" + std::string(model::to_string(word)) + '"');
        malicious = malicious || id.starts_with(kMaliciousPackage);
    }
    Verdict verdict = by_urgency.severity != Severity::kUnknown ? by_urgency : by_word;
    if (const PackageAdvisory* record = best_vector(records)) {
        vulnerability.cvss_vector = rating_of(*record).cvss_vector;
        vulnerability.cvss_score = advisories::cvss_base_score(vulnerability.cvss_vector);
        if (verdict.severity == Severity::kUnknown && vulnerability.cvss_score) {
            verdict = {advisories::severity_of_score(*vulnerability.cvss_score),
                       record->advisory.id + ": " + vulnerability.cvss_vector};
        }
    }
    if (malicious) verdict = {Severity::kCritical, "malicious package"};
    vulnerability.severity = verdict.severity;
    vulnerability.severity_source = verdict.source;
}

}  // namespace vmsecurity::families::vulnerabilities
