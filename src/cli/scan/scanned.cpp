#include "cli/scan/scanned.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>
#include <tuple>
#include <utility>

#include "base/identifiers.h"
#include "families/sbom/catalogers.h"
#include "scan/coverage_ledger.h"

namespace vmsecurity::cli {
namespace {

// The records of one volume; they are sorted by volume.
std::span<const scan::Record> records_of(const scan::Outcome& outcome, std::uint32_t volume) {
    const auto range = std::ranges::equal_range(outcome.records, volume, {}, &scan::Record::volume);
    return {range.begin(), range.end()};
}

bool is_root(const families::sbom::Sbom& sbom) {
    return !sbom.packages.empty() || !sbom.os.id.empty();
}

std::vector<ScannedRoot> assemble(const scan::Outcome& outcome) {
    std::vector<ScannedRoot> roots;
    std::vector<ScannedRoot> others;
    for (std::uint32_t i = 0; i < outcome.volumes.size(); ++i) {
        const scan::ScannedVolume& volume = outcome.volumes[i];
        if (!volume.description.walkable) continue;
        std::vector<families::sbom::RootLink> links;
        links.reserve(volume.root_links.size());
        for (const auto& link : volume.root_links) links.push_back({link.name, link.target});
        ScannedRoot root{volume.description.name,
                         families::sbom::assemble(records_of(outcome, i), links), std::nullopt};
        (is_root(root.sbom) ? roots : others).push_back(std::move(root));
    }
    std::ranges::move(others, std::back_inserter(roots));
    return roots;
}

void name_volume(ScannedRoot& root) {
    const std::string prefix = root.volume + ":";
    for (model::Package& package : root.sbom.packages) {
        package.location.insert(0, prefix);
        if (!package.unread_database.empty()) package.unread_database.insert(0, prefix);
    }
    if (!root.sbom.os.id.empty()) root.sbom.os.location.insert(0, prefix);
    for (model::CoverageEntry& entry : root.sbom.coverage) entry.name.insert(0, prefix);
    if (!root.matches) return;
    for (auto* found : {&root.matches->vulnerabilities, &root.matches->suppressed}) {
        for (model::Vulnerability& one : *found) one.package_location.insert(0, prefix);
    }
}

void sort_gravest_first(std::vector<model::Vulnerability>& vulnerabilities) {
    std::ranges::sort(vulnerabilities, [](const auto& a, const auto& b) {
        if (a.severity != b.severity) return a.severity > b.severity;
        return std::tie(a.id, a.package_name, a.package_location, a.package_purl) <
               std::tie(b.id, b.package_name, b.package_location, b.package_purl);
    });
}

std::vector<model::CoverageEntry> finished(scan::CoverageLedger& ledger) {
    auto coverage = ledger.take();
    for (model::CoverageEntry& entry : coverage) {
        if (entry.name.empty()) entry.name = fmt::format("and {} more", entry.count);
    }
    return coverage;
}

}  // namespace

base::Result<Scanned> scan_target(const scan::ScanTarget& target, const scan::Options& options,
                                  const advisories::Database* database, int cancel,
                                  const scan::ProgressListener& progress) {
    const auto start = std::chrono::system_clock::now();
    const auto clock_start = std::chrono::steady_clock::now();
    Scanned scanned;
    VMSECURITY_ASSIGN(scanned.outcome, scan::run_scan(target, families::sbom::make_catalogers(),
                                                      options, cancel, progress));
    scanned.roots = assemble(scanned.outcome);
    scanned.outcome.records.clear();
    // Each root is judged by the advisories of its own system.
    for (ScannedRoot& root : scanned.roots) {
        if (database == nullptr) break;
        VMSECURITY_ASSIGN(root.matches, families::vulnerabilities::match(root.sbom, *database));
    }
    scanned.started = base::format_time(start);
    scanned.ended = base::format_time(std::chrono::system_clock::now());
    scanned.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - clock_start).count();
    return scanned;
}

Report to_report(Scanned scanned, const std::string& target,
                 const advisories::DatabaseInfo* advisories) {
    Report report;
    report.target = target;
    report.started = std::move(scanned.started);
    report.ended = std::move(scanned.ended);
    report.seconds = scanned.seconds;
    report.source = std::move(scanned.outcome.target);
    report.statistics = scanned.outcome.statistics;
    report.confinement = std::move(scanned.outcome.confinement);
    report.matched = advisories != nullptr;
    if (advisories != nullptr) report.advisories = *advisories;
    const auto with_packages = std::ranges::count_if(
        scanned.roots, [](const ScannedRoot& root) { return is_root(root.sbom); });
    scan::CoverageLedger coverage;
    coverage.add(scanned.outcome.coverage);
    for (ScannedRoot& root : scanned.roots) {
        if (with_packages > 1 || !is_root(root.sbom)) name_volume(root);
        coverage.add(root.sbom.coverage);
        if (root.matches) {
            std::ranges::move(root.matches->vulnerabilities,
                              std::back_inserter(report.vulnerabilities));
            std::ranges::move(root.matches->suppressed, std::back_inserter(report.suppressed));
            coverage.add(root.matches->coverage);
        }
        report.roots.push_back(std::move(root.sbom));
    }
    if (scanned.roots.size() > 1) {
        sort_gravest_first(report.vulnerabilities);
        sort_gravest_first(report.suppressed);
    }
    report.coverage = finished(coverage);
    return report;
}

}  // namespace vmsecurity::cli
