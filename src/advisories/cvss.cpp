#include "advisories/cvss.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "advisories/cvss_metrics.h"

namespace vmsecurity::advisories {
namespace {

using Weights2 = std::array<std::pair<std::string_view, double>, 2>;
using Weights3 = std::array<std::pair<std::string_view, double>, 3>;
using Weights4 = std::array<std::pair<std::string_view, double>, 4>;

std::string_view without_prefix(std::string_view vector) {
    return vector.starts_with("CVSS:") ? vector.substr(std::min<std::size_t>(9, vector.size()))
                                       : vector;
}

// Up to the next tenth. v3.1 (appendix A) takes integers, so that 4.02 computed as 4.0200000001
// stays what it is; v3.0 rounds the floating-point number itself.
double round_up(double value, bool version_31) {
    if (!version_31) return std::ceil(value * 10.0) / 10.0;
    const long scaled = std::lround(value * 100000.0);
    if (scaled % 10000 == 0) return static_cast<double>(scaled) / 100000.0;
    return (std::floor(static_cast<double>(scaled) / 10000.0) + 1.0) / 10.0;
}

}  // namespace

std::optional<CvssMetrics> CvssMetrics::parse(std::string_view vector) {
    CvssMetrics metrics;
    while (!vector.empty()) {
        const std::string_view part = vector.substr(0, vector.find('/'));
        vector.remove_prefix(std::min(vector.size(), part.size() + 1));
        const std::size_t colon = part.find(':');
        if (colon == std::string_view::npos || metrics.count_ == metrics.metrics_.size()) {
            return std::nullopt;
        }
        const std::string_view name = part.substr(0, colon);
        if (!metrics.get(name).empty()) return std::nullopt;
        metrics.metrics_.at(metrics.count_++) = {name, part.substr(colon + 1)};
    }
    return metrics;
}

std::string_view CvssMetrics::get(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
        if (metrics_.at(i).name == name) return metrics_.at(i).value;
    }
    return {};
}

std::optional<double> cvss2_score(const CvssMetrics& metrics) {
    static constexpr Weights3 kAccessVector = {{{"L", 0.395}, {"A", 0.646}, {"N", 1.0}}};
    static constexpr Weights3 kAccessComplexity = {{{"H", 0.35}, {"M", 0.61}, {"L", 0.71}}};
    static constexpr Weights3 kAuthentication = {{{"M", 0.45}, {"S", 0.56}, {"N", 0.704}}};
    static constexpr Weights3 kImpact = {{{"N", 0.0}, {"P", 0.275}, {"C", 0.66}}};

    const auto vector = cvss_weight(kAccessVector, metrics.get("AV"));
    const auto complexity = cvss_weight(kAccessComplexity, metrics.get("AC"));
    const auto authentication = cvss_weight(kAuthentication, metrics.get("Au"));
    const auto confidentiality = cvss_weight(kImpact, metrics.get("C"));
    const auto integrity = cvss_weight(kImpact, metrics.get("I"));
    const auto availability = cvss_weight(kImpact, metrics.get("A"));
    if (!vector || !complexity || !authentication || !confidentiality || !integrity ||
        !availability) {
        return std::nullopt;
    }
    const double impact =
        10.41 * (1 - (1 - *confidentiality) * (1 - *integrity) * (1 - *availability));
    if (impact == 0) return 0.0;
    const double exploitability = 20 * *vector * *complexity * *authentication;
    return std::round((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176 * 10) / 10;
}

std::optional<double> cvss3_score(const CvssMetrics& metrics, bool version_31) {
    static constexpr Weights4 kAttackVector = {{{"N", 0.85}, {"A", 0.62}, {"L", 0.55}, {"P", 0.2}}};
    static constexpr Weights2 kAttackComplexity = {{{"L", 0.77}, {"H", 0.44}}};
    static constexpr Weights3 kPrivileges = {{{"N", 0.85}, {"L", 0.62}, {"H", 0.27}}};
    static constexpr Weights3 kPrivilegesChanged = {{{"N", 0.85}, {"L", 0.68}, {"H", 0.5}}};
    static constexpr Weights2 kUserInteraction = {{{"N", 0.85}, {"R", 0.62}}};
    static constexpr Weights3 kImpact = {{{"N", 0.0}, {"L", 0.22}, {"H", 0.56}}};

    const std::string_view scope = metrics.get("S");
    if (scope != "U" && scope != "C") return std::nullopt;
    const bool changed = scope == "C";
    const auto vector = cvss_weight(kAttackVector, metrics.get("AV"));
    const auto complexity = cvss_weight(kAttackComplexity, metrics.get("AC"));
    const auto privileges =
        cvss_weight(changed ? kPrivilegesChanged : kPrivileges, metrics.get("PR"));
    const auto interaction = cvss_weight(kUserInteraction, metrics.get("UI"));
    const auto confidentiality = cvss_weight(kImpact, metrics.get("C"));
    const auto integrity = cvss_weight(kImpact, metrics.get("I"));
    const auto availability = cvss_weight(kImpact, metrics.get("A"));
    if (!vector || !complexity || !privileges || !interaction || !confidentiality || !integrity ||
        !availability) {
        return std::nullopt;
    }
    const double base = 1 - (1 - *confidentiality) * (1 - *integrity) * (1 - *availability);
    const double impact =
        changed ? 7.52 * (base - 0.029) - 3.25 * std::pow(base - 0.02, 15) : 6.42 * base;
    if (impact <= 0) return 0.0;
    const double exploitability = 8.22 * *vector * *complexity * *privileges * *interaction;
    const double sum = (changed ? 1.08 : 1.0) * (impact + exploitability);
    return round_up(std::min(sum, 10.0), version_31);
}

int cvss_version(std::string_view vector) {
    if (vector.starts_with("CVSS:4.0/")) return 40;
    if (vector.starts_with("CVSS:3.1/")) return 31;
    if (vector.starts_with("CVSS:3.0/")) return 30;
    if (vector.starts_with("CVSS:2.0/") || vector.starts_with("AV:")) return 20;
    return 0;
}

std::optional<double> cvss_base_score(std::string_view vector) {
    const int version = cvss_version(vector);
    if (version == 0) return std::nullopt;
    const auto metrics = CvssMetrics::parse(without_prefix(vector));
    if (!metrics) return std::nullopt;
    switch (version) {
        case 20:
            return cvss2_score(*metrics);
        case 40:
            return cvss4_score(*metrics);
        default:
            return cvss3_score(*metrics, version == 31);
    }
}

model::Severity severity_of_score(double score) {
    if (score >= 9.0) return model::Severity::kCritical;
    if (score >= 7.0) return model::Severity::kHigh;
    if (score >= 4.0) return model::Severity::kMedium;
    return score > 0.0 ? model::Severity::kLow : model::Severity::kNegligible;
}

}  // namespace vmsecurity::advisories
