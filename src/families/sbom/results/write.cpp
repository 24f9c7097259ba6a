#include <utility>

#include "families/sbom/results/location.h"
#include "families/sbom/results/results.h"
#include "model/purl.h"

namespace vmsecurity::families::sbom::results {
namespace {

using codec::JsonWriter;

constexpr std::uint64_t kMegabyte = 1'000'000;  // of 0.6

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

void write_named(JsonWriter& json, std::string_view member, const std::string& name,
                 const std::string& version) {
    json.key(member);
    json.begin_object();
    json.member("name", name);
    json.member("version", version);
    json.end_object();
}

void write_statistics(JsonWriter& json, const InputStatistics& statistics) {
    json.begin_object();
    json.member("type", statistics.type);
    json.member("path", statistics.path);
    json.member("size", statistics.bytes / kMegabyte);
    json.key("scanTime");
    json.begin_object();
    optional_member(json, "startTime", statistics.started);
    optional_member(json, "endTime", statistics.ended);
    json.end_object();
    json.end_object();
}

// The names of os-release that package URLs are made of and advisories chosen by. Its PRETTY_NAME
// is not among them: it changes with each point release, and all packages would with it.
void write_distribution(JsonWriter& json, const model::OperatingSystem& os) {
    if (os.id.empty()) return;
    json.key("distribution");
    json.begin_object();
    json.member("id", os.id);
    optional_member(json, "versionId", os.version_id);
    optional_member(json, "codename", os.codename);
    json.end_object();
}

void write_evidence(JsonWriter& json, const model::Package& package, const Root& root) {
    json.key("evidence");
    json.begin_object();
    json.member("type", package.type);
    optional_member(json, "architecture", package.architecture);
    if (!package.source_name.empty() || !package.source_version.empty()) {
        write_named(json, "source", package.source_name, package.source_version);
    }
    optional_member(json, "maintainer", package.maintainer);
    optional_member(json, "volume", root.location);
    json.member("file", package.location);
    if (package.owner) write_named(json, "owner", package.owner->name, package.owner->version);
    optional_member(json, "unreadDatabase", package.unread_database);
    write_distribution(json, root.sbom.os);
    json.end_object();
}

std::string write_item(const model::Package& package, const Root& root) {
    JsonWriter json;
    json.begin_object();
    json.key("findingInfo");
    write_package(json, package, root.sbom.os, "Package");
    json.member("scanner", kScanner);
    json.member("location", bounded_location(join_location(root.location, package.location)));
    write_evidence(json, package, root);
    json.end_object();
    return json.take();
}

}  // namespace

void write_package(JsonWriter& json, const model::Package& package,
                   const model::OperatingSystem& os, std::string_view object_type) {
    json.begin_object();
    if (!object_type.empty()) json.member("objectType", object_type);
    json.member("name", package.name);
    json.member("version", package.version);
    json.member("type", "library");  // CycloneDX's word for it, as in 0.6; the purl says "deb"
    if (package.type == "pypi") json.member("language", "python");
    write_strings(json, "licenses", package.licenses);
    json.member("purl", model::package_url(package, os));
    json.end_object();
}

std::string write_head(const Head& head, std::string_view family) {
    JsonWriter json;
    json.begin_object();
    json.member("observedOn", head.observed_on);
    json.key("scanners");
    json.begin_array();
    json.value(kScanner);
    json.end_array();
    if (!head.statistics.empty()) {
        json.key("stats");
        json.begin_array();
        for (const InputStatistics& one : head.statistics) write_statistics(json, one);
        json.end_array();
    }
    write_strings(json, "errors", head.errors);
    json.key("coverage");
    write_coverage(json, family, head.coverage);
    json.key("items");
    json.begin_array();
    return json.take();
}

base::Result<void> write(std::span<const Root> roots, const Head& head, const Sink& sink) {
    VMSECURITY_TRY(sink(write_head(head, "sbom")));
    std::string_view separator;
    for (const Root& root : roots) {
        for (const model::Package& package : root.sbom.packages) {
            VMSECURITY_TRY(sink(std::exchange(separator, ",")));
            VMSECURITY_TRY(sink(write_item(package, root)));
        }
    }
    return sink("]}");
}

}  // namespace vmsecurity::families::sbom::results
