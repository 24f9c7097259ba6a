#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisories/database.h"
#include "families/sbom/sbom.h"
#include "model/coverage.h"
#include "model/vulnerability.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::cli {

// Everything that one `vmsecurity scan` has to say, ready to be written in any format.
struct Report {
    std::string target;   // as the user gave it
    std::string started;  // RFC 3339
    std::string ended;
    double seconds = 0;

    scan::protocol::OpenedTarget source;
    scan::Statistics statistics;
    std::string confinement;

    // One for each root with packages or an operating system; if there are several, each place in
    // them names its volume.
    std::vector<families::sbom::Sbom> roots;
    bool matched = false;  // the vulnerabilities family ran
    std::vector<model::Vulnerability> vulnerabilities;
    std::vector<model::Vulnerability> suppressed;
    std::optional<advisories::DatabaseInfo> advisories;
    std::vector<model::CoverageEntry> coverage;

    bool complete() const { return model::is_complete(coverage); }
    bool uses_demo_data() const;
};

// One JSON document (docs/report.md). The same findings give the same bytes, but for "source",
// times and statistics.
std::string to_json(const Report& report);

// For people: the summary, findings by severity, coverage. `width` 0: as wide as it takes.
struct TableStyle {
    std::size_t width = 0;
    bool colour = false;
};
std::string to_table(const Report& report, const TableStyle& style);

// CycloneDX 1.6 of the packages, with a new serial number.
std::string to_cyclonedx(const Report& report);

}  // namespace vmsecurity::cli
