#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "advisories/cvss.h"
#include "families/sbom/results/location.h"
#include "families/vulnerabilities/results/results.h"
#include "model/purl.h"

namespace vmsecurity::families::vulnerabilities::results {
namespace {

using codec::JsonWriter;
using model::FixState;
using model::Severity;
using model::Vulnerability;
using sbom::results::Root;

void optional_member(JsonWriter& json, std::string_view name, const std::string& value) {
    if (!value.empty()) json.member(name, value);
}

void write_strings(JsonWriter& json, std::string_view name,
                   const std::vector<std::string>& values) {
    if (values.empty()) return;
    json.key(name);
    json.begin_array();
    for (const std::string& value : values) json.value(value);
    json.end_array();
}

// VulnerabilitySeverity; empty where nobody knows.
std::string_view severity_word(Severity severity) {
    switch (severity) {
        case Severity::kCritical:
            return "CRITICAL";
        case Severity::kHigh:
            return "HIGH";
        case Severity::kMedium:
            return "MEDIUM";
        case Severity::kLow:
            return "LOW";
        case Severity::kNegligible:
            return "NEGLIGIBLE";
        case Severity::kUnknown:
            break;
    }
    return {};
}

// The words that clients of 0.6 know.
std::string_view fix_word(FixState state) {
    switch (state) {
        case FixState::kFixed:
            return "fixed";
        case FixState::kNotFixed:
            return "not-fixed";
        case FixState::kWillNotFix:
            return "wont-fix";
        case FixState::kUnknown:
            break;
    }
    return "unknown";
}

std::string_view cvss_version_word(std::string_view vector) {
    switch (advisories::cvss_version(vector)) {
        case 20:
            return "2.0";
        case 30:
            return "3.0";
        case 31:
            return "3.1";
        case 40:
            return "4.0";
        default:
            return {};
    }
}

void write_cvss(JsonWriter& json, const Vulnerability& vulnerability) {
    if (!vulnerability.cvss_score && vulnerability.cvss_vector.empty()) return;
    json.key("cvss");
    json.begin_array();
    json.begin_object();
    const std::string_view version = cvss_version_word(vulnerability.cvss_vector);
    if (!version.empty()) json.member("version", version);
    optional_member(json, "vector", vulnerability.cvss_vector);
    if (vulnerability.cvss_score) {
        json.key("metrics");
        json.begin_object();
        json.member("baseScore", *vulnerability.cvss_score);
        json.end_object();
    }
    json.end_object();
    json.end_array();
}

void write_distribution(JsonWriter& json, const model::OperatingSystem& os) {
    if (os.id.empty()) return;
    json.key("distro");
    json.begin_object();
    json.member("name", os.id);
    optional_member(json, "version", os.version_id);
    json.end_object();
}

void write_info(JsonWriter& json, const Vulnerability& vulnerability, const model::Package& package,
                const model::OperatingSystem& os) {
    json.begin_object();
    json.member("objectType", "Vulnerability");
    json.member("vulnerabilityName", vulnerability.id);
    optional_member(json, "description", vulnerability.summary);
    const std::string_view severity = severity_word(vulnerability.severity);
    if (!severity.empty()) json.member("severity", severity);
    write_strings(json, "links", vulnerability.urls);
    write_distribution(json, os);
    write_cvss(json, vulnerability);
    json.key("package");
    sbom::results::write_package(json, package, os, {});
    json.key("fix");
    json.begin_object();
    write_strings(json, "versions", vulnerability.fixed_versions);
    json.member("state", fix_word(vulnerability.fix_state));
    json.end_object();
    json.member("path", vulnerability.package_location);
    json.end_object();
}

void write_evidence(JsonWriter& json, const Vulnerability& vulnerability) {
    json.key("evidence");
    json.begin_object();
    write_strings(json, "aliases", vulnerability.aliases);
    optional_member(json, "severitySource", vulnerability.severity_source);
    optional_member(json, "remark", vulnerability.remark);
    json.key("records");
    json.begin_array();
    for (const model::VulnerabilityEvidence& record : vulnerability.evidence) {
        json.begin_object();
        json.member("record", record.record_id);
        json.member("source", record.source);
        json.member("ecosystem", record.ecosystem);
        json.member("package", record.package);
        json.member("comparedVersion", record.compared_version);
        json.member("constraint", record.constraint);
        json.member("order", record.order);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

// The packages of a root by what a vulnerability says of its own.
class Packages {
  public:
    explicit Packages(const Root& root) {
        for (const model::Package& package : root.sbom.packages) {
            packages_.emplace(Key(model::package_url(package, root.sbom.os), package.location),
                              &package);
        }
    }
    const model::Package* find(const Vulnerability& vulnerability) const {
        const auto found =
            packages_.find(Key(vulnerability.package_purl, vulnerability.package_location));
        return found == packages_.end() ? nullptr : found->second;
    }

  private:
    using Key = std::pair<std::string, std::string>;
    std::map<Key, const model::Package*> packages_;
};

std::string write_item(const Vulnerability& vulnerability, const model::Package& package,
                       const Root& root) {
    JsonWriter json;
    json.begin_object();
    json.key("findingInfo");
    write_info(json, vulnerability, package, root.sbom.os);
    json.member("scanner", sbom::results::kScanner);
    json.member("location", sbom::results::bounded_location(sbom::results::join_location(
                                root.location, vulnerability.package_location)));
    write_evidence(json, vulnerability);
    json.end_object();
    return json.take();
}

}  // namespace

base::Result<void> write(std::span<const MatchedRoot> roots, const sbom::results::Head& head,
                         const sbom::results::Sink& sink) {
    VMSECURITY_TRY(sink(sbom::results::write_head(head, "vulnerabilities")));
    std::string_view separator;
    for (const MatchedRoot& matched : roots) {
        const Packages packages(*matched.root);
        for (const Vulnerability& vulnerability : matched.matches->vulnerabilities) {
            const model::Package* package = packages.find(vulnerability);
            if (package == nullptr) {
                return base::fail(base::ErrorCode::kInvalidArgument,
                                  vulnerability.id + " is of no package of its root",
                                  vulnerability.package_purl);
            }
            VMSECURITY_TRY(sink(std::exchange(separator, ",")));
            VMSECURITY_TRY(sink(write_item(vulnerability, *package, *matched.root)));
        }
    }
    return sink("]}");
}

}  // namespace vmsecurity::families::vulnerabilities::results
