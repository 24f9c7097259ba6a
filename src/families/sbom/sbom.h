#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/coverage.h"
#include "model/package.h"
#include "scan/analyzer.h"

namespace vmsecurity::families::sbom {

// What one root (a directory or a file system with packages on it) has installed.
struct Sbom {
    model::OperatingSystem os;  // id is empty if no os-release was found
    std::vector<model::Package>
        packages;  // sorted by type, name, version, architecture, location; no duplicates
    std::vector<model::CoverageEntry> coverage;  // one per package database; undecodable records;
                                                 // an OS that should have a database and has none
};

// Puts the records of one volume together. Paths under directories that usrmerge made links (/lib
// -> usr/lib; given by `root_links`, name -> target) are the same file under either name when
// ownership is looked up.
struct RootLink {
    std::string name;    // "lib"
    std::string target;  // "usr/lib"
};
Sbom assemble(std::span<const scan::Record> records, std::span<const RootLink> root_links);

// CycloneDX 1.6 JSON (ECMA-424) of all roots of one target. Two calls with the same roots and
// `document` give the same bytes.
struct CycloneDxDocument {
    std::string serial_number;  // "urn:uuid:..."
    std::string timestamp;      // RFC 3339
    std::string source_name;    // metadata.component.name: the target as the user gave it
    std::string tool_version;
};
std::string to_cyclonedx(std::span<const Sbom> roots, const CycloneDxDocument& document);
inline std::string to_cyclonedx(const Sbom& sbom, const CycloneDxDocument& document) {
    return to_cyclonedx(std::span(&sbom, 1), document);
}

}  // namespace vmsecurity::families::sbom
