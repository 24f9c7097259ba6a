#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisories/database.h"
#include "cli/report/report.h"
#include "families/sbom/sbom.h"
#include "families/vulnerabilities/match.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::cli {

// A volume with packages or an operating system on it. Places in it are those of the running
// machine: "/var/lib/dpkg/status".
struct ScannedRoot {
    std::string volume;  // "partition 2", "disk", "directory"
    families::sbom::Sbom sbom;
    std::optional<families::vulnerabilities::Matches> matches;
};

// One target, scanned and matched: what reports are made of, and what an API server is sent.
struct Scanned {
    scan::Outcome outcome;           // without its records
    std::vector<ScannedRoot> roots;  // those with packages or a system first
    std::string started;             // RFC 3339
    std::string ended;
    double seconds = 0;
};

// Without `database` nothing is matched. `cancel` and the errors are those of scan::run_scan().
base::Result<Scanned> scan_target(const scan::ScanTarget& target, const scan::Options& options,
                                  const advisories::Database* database, int cancel,
                                  const scan::ProgressListener& progress);

// With a single root, places read as on the running machine; if several volumes have packages, each
// place names its volume.
Report to_report(Scanned scanned, const std::string& target,
                 const advisories::DatabaseInfo* advisories);

}  // namespace vmsecurity::cli
