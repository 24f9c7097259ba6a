#include <string>
#include <unordered_map>

#include "codec/json_writer.h"
#include "families/sbom/sbom.h"
#include "families/sbom/spdx_licenses.h"
#include "model/purl.h"

namespace vmsecurity::families::sbom {
namespace {

using codec::JsonWriter;

constexpr std::string_view kTargetRef = "target";

void member_unless_empty(JsonWriter& json, std::string_view name, const std::string& value) {
    if (!value.empty()) json.member(name, value);
}

// Opens "properties" with the first property that has a value, so that none are written as [].
class Properties {
  public:
    explicit Properties(JsonWriter& json) : json_(json) {}
    void add(std::string_view name, const std::string& value) {
        if (value.empty()) return;
        if (!open_) {
            json_.key("properties");
            json_.begin_array();
            open_ = true;
        }
        json_.begin_object();
        json_.member("name", "vmsecurity:" + std::string(name));
        json_.member("value", value);
        json_.end_object();
    }
    void finish() {
        if (open_) json_.end_array();
    }

  private:
    JsonWriter& json_;
    bool open_ = false;
};

void write_evidence(JsonWriter& json, const std::string& location) {
    if (location.empty()) return;
    json.key("evidence");
    json.begin_object();
    json.key("occurrences");
    json.begin_array();
    json.begin_object();
    json.member("location", location);
    json.end_object();
    json.end_array();
    json.end_object();
}

void write_licenses(JsonWriter& json, const std::vector<std::string>& licenses) {
    if (licenses.empty()) return;
    json.key("licenses");
    json.begin_array();
    for (const std::string& license : licenses) {
        json.begin_object();
        json.key("license");
        json.begin_object();
        json.member(is_spdx_license_id(license) ? "id" : "name", license);
        json.end_object();
        json.end_object();
    }
    json.end_array();
}

void write_package(JsonWriter& json, const model::Package& package, const std::string& purl,
                   const std::string& reference) {
    json.begin_object();
    json.member("type", "library");
    json.member("bom-ref", reference);
    member_unless_empty(json, "publisher", package.maintainer);
    json.member("name", package.name);
    json.member("version", package.version);
    member_unless_empty(json, "description", package.description);
    write_licenses(json, package.licenses);
    json.member("purl", purl);
    Properties properties(json);
    properties.add("package:type", package.type);
    properties.add("package:architecture", package.architecture);
    properties.add("source:name", package.source_name);
    properties.add("source:version", package.source_version);
    properties.add("location", package.location);
    properties.add("unread-database", package.unread_database);
    if (package.owner) {
        properties.add("owner:name", package.owner->name);
        properties.add("owner:version", package.owner->version);
    }
    properties.finish();
    write_evidence(json, package.location);
    json.end_object();
}

void write_operating_system(JsonWriter& json, const model::OperatingSystem& os,
                            const std::string& reference) {
    json.begin_object();
    json.member("type", "operating-system");
    json.member("bom-ref", reference);
    json.member("name", os.id);
    member_unless_empty(json, "version", os.version_id);
    member_unless_empty(json, "description", os.pretty_name);
    Properties properties(json);
    properties.add("os:codename", os.codename);
    for (const std::string& like : os.id_like) properties.add("os:like", like);
    properties.add("location", os.location);
    properties.finish();
    write_evidence(json, os.location);
    json.end_object();
}

void write_metadata(JsonWriter& json, std::span<const Sbom> roots,
                    const CycloneDxDocument& document) {
    json.key("metadata");
    json.begin_object();
    member_unless_empty(json, "timestamp", document.timestamp);
    json.key("tools");
    json.begin_object();
    json.key("components");
    json.begin_array();
    json.begin_object();
    json.member("type", "application");
    json.member("name", "vmsecurity");
    member_unless_empty(json, "version", document.tool_version);
    json.end_object();
    json.end_array();
    json.end_object();
    json.key("component");
    json.begin_object();
    json.member("type", "platform");  // the closest that CycloneDX has to a machine's disk
    json.member("bom-ref", kTargetRef);
    json.member("name", document.source_name);
    json.end_object();
    Properties properties(json);
    for (const Sbom& sbom : roots) {
        for (const model::CoverageEntry& entry : sbom.coverage) {
            std::string text = entry.name + ": " + std::string(to_string(entry.state));
            if (!entry.reason.empty()) text += "; " + entry.reason;
            properties.add("coverage:" + std::string(to_string(entry.scope)), text);
        }
    }
    properties.finish();
    json.end_object();
}

// Names for components. A bom-ref must be unique: what occurs in several places is told apart by
// the place.
class References {
  public:
    void count(const std::string& name) { ++uses_[name]; }
    std::string of(const std::string& name, const std::string& location) const {
        return uses_.at(name) == 1 ? name : name + "#" + location;
    }

  private:
    std::unordered_map<std::string, int> uses_;
};

std::string name_of(const model::OperatingSystem& os) {
    return "os:" + os.id + (os.version_id.empty() ? "" : "@" + os.version_id);
}

}  // namespace

std::string to_cyclonedx(std::span<const Sbom> roots, const CycloneDxDocument& document) {
    JsonWriter json(2);
    json.begin_object();
    json.member("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    json.member("bomFormat", "CycloneDX");
    json.member("specVersion", "1.6");
    member_unless_empty(json, "serialNumber", document.serial_number);
    json.member("version", 1);
    write_metadata(json, roots, document);

    References references;
    for (const Sbom& sbom : roots) {
        references.count(name_of(sbom.os));
        for (const model::Package& package : sbom.packages) {
            references.count(package_url(package, sbom.os));
        }
    }
    json.key("components");
    json.begin_array();
    for (const Sbom& sbom : roots) {
        if (!sbom.os.id.empty()) {
            write_operating_system(json, sbom.os,
                                   references.of(name_of(sbom.os), sbom.os.location));
        }
        for (const model::Package& package : sbom.packages) {
            const std::string purl = package_url(package, sbom.os);
            write_package(json, package, purl, references.of(purl, package.location));
        }
    }
    json.end_array();
    json.end_object();
    return json.take() + "\n";
}

}  // namespace vmsecurity::families::sbom
