#include "cli/report/report.h"
#include "cli/version.h"
#include "codec/json_writer.h"
#include "model/purl.h"

namespace vmsecurity::cli {
namespace {

using codec::JsonWriter;

template <typename Range, typename Function>
void array(JsonWriter& json, std::string_view key, const Range& range, Function&& write) {
    json.key(key);
    json.begin_array();
    for (const auto& element : range) write(element);
    json.end_array();
}

void strings(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
    array(json, key, values, [&](const std::string& value) { json.value(value); });
}

void optional_member(JsonWriter& json, std::string_view key, const std::string& value) {
    if (!value.empty()) json.member(key, value);
}

void write_source(JsonWriter& json, const Report& report) {
    json.key("source");
    json.begin_object();
    json.member("target", report.target);
    json.member("format", report.source.format);
    optional_member(json, "partitionScheme", report.source.scheme);
    if (report.source.size > 0) json.member("sizeBytes", report.source.size);
    if (!report.source.backing_chain.empty()) {
        strings(json, "backingChain", report.source.backing_chain);
    }
    array(json, "volumes", report.source.volumes, [&](const auto& volume) {
        json.begin_object();
        json.member("name", volume.name);
        optional_member(json, "content", volume.content);
        optional_member(json, "fileSystem", volume.file_system);
        optional_member(json, "uuid", volume.uuid);
        optional_member(json, "label", volume.label);
        if (volume.size > 0) json.member("sizeBytes", volume.size);
        json.end_object();
    });
    json.end_object();
}

void write_operating_system(JsonWriter& json, const model::OperatingSystem& os) {
    json.begin_object();
    json.member("id", os.id);
    optional_member(json, "versionId", os.version_id);
    optional_member(json, "codename", os.codename);
    optional_member(json, "prettyName", os.pretty_name);
    json.member("location", os.location);
    json.end_object();
}

// The first root's system, by which most disks are known, and all of them if there are several.
void write_operating_systems(JsonWriter& json, const Report& report) {
    std::vector<const model::OperatingSystem*> systems;
    for (const auto& root : report.roots) {
        if (!root.os.id.empty()) systems.push_back(&root.os);
    }
    json.key("operatingSystem");
    if (systems.empty()) {
        json.null();
    } else {
        write_operating_system(json, *systems.front());
    }
    if (systems.size() > 1) {
        array(json, "operatingSystems", systems,
              [&](const auto* system) { write_operating_system(json, *system); });
    }
}

void write_package(JsonWriter& json, const model::Package& package,
                   const model::OperatingSystem& os) {
    json.begin_object();
    json.member("type", package.type);
    json.member("name", package.name);
    json.member("version", package.version);
    optional_member(json, "architecture", package.architecture);
    if (!package.source_name.empty()) {
        json.key("source");
        json.begin_object();
        json.member("name", package.source_name);
        json.member("version", package.source_version);
        json.end_object();
    }
    json.member("purl", model::package_url(package, os));
    json.member("location", package.location);
    if (!package.licenses.empty()) strings(json, "licenses", package.licenses);
    optional_member(json, "unreadDatabase", package.unread_database);
    if (package.owner) {
        json.key("owner");
        json.begin_object();
        json.member("name", package.owner->name);
        json.member("version", package.owner->version);
        json.end_object();
    }
    json.end_object();
}

void write_packages(JsonWriter& json, const Report& report) {
    json.key("packages");
    json.begin_array();
    for (const auto& root : report.roots) {
        for (const auto& package : root.packages) write_package(json, package, root.os);
    }
    json.end_array();
}

void write_evidence(JsonWriter& json, const model::VulnerabilityEvidence& evidence) {
    json.begin_object();
    json.member("record", evidence.record_id);
    json.member("source", evidence.source);
    json.member("ecosystem", evidence.ecosystem);
    json.member("package", evidence.package);
    json.member("comparedVersion", evidence.compared_version);
    json.member("constraint", evidence.constraint);
    json.member("order", evidence.order);
    json.end_object();
}

void write_vulnerability(JsonWriter& json, const model::Vulnerability& vulnerability) {
    json.begin_object();
    json.member("id", vulnerability.id);
    strings(json, "aliases", vulnerability.aliases);
    json.member("severity", model::to_string(vulnerability.severity));
    optional_member(json, "severitySource", vulnerability.severity_source);
    if (vulnerability.cvss_score) {
        json.key("cvss");
        json.begin_object();
        json.member("score", *vulnerability.cvss_score);
        json.member("vector", vulnerability.cvss_vector);
        json.end_object();
    }
    optional_member(json, "summary", vulnerability.summary);
    json.key("package");
    json.begin_object();
    json.member("name", vulnerability.package_name);
    json.member("version", vulnerability.package_version);
    json.member("purl", vulnerability.package_purl);
    json.member("location", vulnerability.package_location);
    json.end_object();
    json.key("fix");
    json.begin_object();
    json.member("state", model::to_string(vulnerability.fix_state));
    strings(json, "versions", vulnerability.fixed_versions);
    json.end_object();
    strings(json, "urls", vulnerability.urls);
    array(json, "evidence", vulnerability.evidence,
          [&](const auto& evidence) { write_evidence(json, evidence); });
    optional_member(json, "remark", vulnerability.remark);
    optional_member(json, "suppressedBy", vulnerability.suppressed_by);
    json.end_object();
}

void write_advisories(JsonWriter& json, const advisories::DatabaseInfo& info) {
    json.key("advisories");
    json.begin_object();
    json.member("created", info.created);
    json.member("records", info.advisories);
    array(json, "sources", info.sources, [&](const advisories::SourceInfo& source) {
        json.begin_object();
        json.member("name", source.name);
        json.member("records", source.records);
        json.member("newest", source.newest);
        json.member("demo", source.demo);
        json.end_object();
    });
    json.end_object();
}

void write_coverage(JsonWriter& json, const model::CoverageEntry& entry) {
    json.begin_object();
    json.member("scope", model::to_string(entry.scope));
    json.member("name", entry.name);
    json.member("state", model::to_string(entry.state));
    optional_member(json, "reason", entry.reason);
    json.member("count", entry.count);
    json.end_object();
}

}  // namespace

std::string to_json(const Report& report) {
    JsonWriter json(2);
    json.begin_object();
    json.key("tool");
    json.begin_object();
    json.member("name", kProgramName);
    json.member("version", kVersion);
    json.end_object();
    write_source(json, report);
    json.member("startTime", report.started);
    json.member("endTime", report.ended);
    json.member("complete", report.complete());
    json.member("confinement", report.confinement);
    json.key("statistics");
    json.begin_object();
    json.member("directories", report.statistics.directories);
    json.member("entries", report.statistics.entries);
    json.member("filesRead", report.statistics.files_read);
    json.member("bytesRead", report.statistics.bytes_read);
    json.end_object();
    write_operating_systems(json, report);
    write_packages(json, report);
    if (report.matched) {
        array(json, "vulnerabilities", report.vulnerabilities,
              [&](const auto& vulnerability) { write_vulnerability(json, vulnerability); });
        array(json, "suppressed", report.suppressed,
              [&](const auto& vulnerability) { write_vulnerability(json, vulnerability); });
    }
    if (report.advisories) write_advisories(json, *report.advisories);
    array(json, "coverage", report.coverage,
          [&](const auto& entry) { write_coverage(json, entry); });
    json.end_object();
    return json.take() + '\n';
}

}  // namespace vmsecurity::cli
