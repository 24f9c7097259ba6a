#include "cli/scan/pipeline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <tuple>

#include "base/identifiers.h"
#include "cli/companion/companion.h"
#include "cli/console/console.h"
#include "cli/console/terminal.h"
#include "cli/exit_status.h"
#include "cli/report/report.h"
#include "cli/scan/interrupt.h"
#include "cli/scan/output_file.h"
#include "cli/scan/progress_line.h"
#include "cli/scan/target.h"
#include "families/sbom/catalogers.h"
#include "families/vulnerabilities/match.h"
#include "scan/coverage_ledger.h"

namespace vmsecurity::cli {
namespace {

// An error on the way and the status that it ends the program with.
int refuse(int status, const base::Error& error) {
    tell("vmsecurity scan: {}\n", error.describe());
    return status;
}

// The records of one volume; they are sorted by volume.
std::span<const scan::Record> records_of(const scan::Outcome& outcome, std::uint32_t volume) {
    const auto range = std::ranges::equal_range(outcome.records, volume, {}, &scan::Record::volume);
    return {range.begin(), range.end()};
}

// With a single root, places read as on the running machine; if several volumes have packages, each
// place names its volume.
void name_volumes(std::vector<std::pair<std::string, families::sbom::Sbom>>& parts) {
    for (auto& [volume, part] : parts) {
        const std::string prefix = volume + ":";
        for (model::Package& package : part.packages) {
            package.location.insert(0, prefix);
            if (!package.unread_database.empty()) package.unread_database.insert(0, prefix);
        }
        if (!part.os.id.empty()) part.os.location.insert(0, prefix);
        for (model::CoverageEntry& entry : part.coverage) entry.name.insert(0, prefix);
    }
}

std::vector<families::sbom::Sbom> assemble(const scan::Outcome& outcome) {
    std::vector<std::pair<std::string, families::sbom::Sbom>> with_packages;
    std::vector<families::sbom::Sbom> others;
    for (std::uint32_t i = 0; i < outcome.volumes.size(); ++i) {
        const scan::ScannedVolume& volume = outcome.volumes[i];
        if (!volume.description.walkable) continue;
        std::vector<families::sbom::RootLink> links;
        links.reserve(volume.root_links.size());
        for (const auto& link : volume.root_links) links.push_back({link.name, link.target});
        auto sbom = families::sbom::assemble(records_of(outcome, i), links);
        if (sbom.packages.empty() && sbom.os.id.empty()) {
            for (model::CoverageEntry& entry : sbom.coverage) {
                entry.name.insert(0, volume.description.name + ":");
            }
            others.push_back(std::move(sbom));
        } else {
            with_packages.emplace_back(volume.description.name, std::move(sbom));
        }
    }
    if (with_packages.size() > 1) name_volumes(with_packages);
    std::vector<families::sbom::Sbom> roots;
    roots.reserve(with_packages.size() + others.size());
    for (auto& [volume, sbom] : with_packages) roots.push_back(std::move(sbom));
    std::ranges::move(others, std::back_inserter(roots));
    return roots;
}

void sort_gravest_first(std::vector<model::Vulnerability>& vulnerabilities) {
    std::ranges::sort(vulnerabilities, [](const auto& a, const auto& b) {
        if (a.severity != b.severity) return a.severity > b.severity;
        return std::tie(a.id, a.package_name, a.package_location, a.package_purl) <
               std::tie(b.id, b.package_name, b.package_location, b.package_purl);
    });
}

// Each root is judged by the advisories of its own system.
base::Result<void> match(Report& report, const advisories::Database& database,
                         scan::CoverageLedger& coverage) {
    report.matched = true;
    report.advisories = database.info();
    for (const families::sbom::Sbom& root : report.roots) {
        VMSECURITY_ASSIGN(auto matches, families::vulnerabilities::match(root, database));
        std::ranges::move(matches.vulnerabilities, std::back_inserter(report.vulnerabilities));
        std::ranges::move(matches.suppressed, std::back_inserter(report.suppressed));
        coverage.add(matches.coverage);
    }
    if (report.roots.size() > 1) {
        sort_gravest_first(report.vulnerabilities);
        sort_gravest_first(report.suppressed);
    }
    return {};
}

std::vector<model::CoverageEntry> finished(scan::CoverageLedger& ledger) {
    auto coverage = ledger.take();
    for (model::CoverageEntry& entry : coverage) {
        if (entry.name.empty()) entry.name = fmt::format("and {} more", entry.count);
    }
    return coverage;
}

base::Result<void> write_report(const Report& report, const Output& output) {
    switch (output.format) {
        case Format::kJson:
            return write_output(output.file, to_json(report));
        case Format::kCycloneDx:
            return write_output(output.file, to_cyclonedx(report));
        case Format::kTable:
            break;
    }
    TableStyle style;
    if (output.file.empty()) style = {terminal_width(STDOUT_FILENO), use_colour()};
    return write_output(output.file, to_table(report, style));
}

int exit_status(const Report& report, const ScanSettings& settings) {
    if (!settings.fail_on) return report.complete() ? kComplete : kIncomplete;
    const auto unrated = std::ranges::count(report.vulnerabilities, model::Severity::kUnknown,
                                            &model::Vulnerability::severity);
    if (unrated > 0 && *settings.fail_on > model::Severity::kUnknown) {
        tell(
            "vmsecurity scan: {} vulnerabilities have no known severity and did not count "
            "for --fail-on; --fail-on unknown counts them\n",
            unrated);
    }
    if (std::ranges::any_of(report.vulnerabilities, [&](const model::Vulnerability& found) {
            return found.severity >= *settings.fail_on;
        })) {
        return kFindings;
    }
    return report.complete() ? kComplete : kIncomplete;
}

}  // namespace

int scan_and_report(const ScanSettings& settings) {
    const auto target = open_target(settings.target);
    if (!target) return refuse(kFailed, target.error());
    auto worker_program = find_companion("vmsecurity-worker");
    if (!worker_program) return refuse(kFailed, worker_program.error());
    scan::Options options = settings.scan;
    options.worker_program = std::move(*worker_program);
    std::optional<advisories::Database> database;
    if (settings.vulnerabilities) {
        auto opened = advisories::Database::open(settings.advisories);
        if (!opened) {
            tell(
                "vmsecurity scan: {}\nMake one with `vmsecurity advisories build FEED... "
                "--output {}`, or scan without it: --families sbom\n",
                opened.error().describe(), settings.advisories);
            return kFailed;
        }
        database = std::move(*opened);
    }

    // Never destroyed: the program ends after its one scan, and freeing a few hundred thousand
    // strings one by one first would be a tenth of its time.
    static Report& report = *new Report;
    report.target = settings.target;
    const auto start = std::chrono::system_clock::now();
    const auto clock_start = std::chrono::steady_clock::now();
    const Interrupt interrupt;
    ProgressLine progress(settings.progress);
    auto outcome =
        scan::run_scan(*target, families::sbom::make_catalogers(), options, interrupt.descriptor(),
                       [&](const scan::ScanProgress& now) { progress.show(now); });
    progress.clear();
    if (!outcome) return refuse(kFailed, outcome.error());

    scan::CoverageLedger coverage;
    coverage.add(outcome->coverage);
    report.roots = assemble(*outcome);
    for (const auto& root : report.roots) coverage.add(root.coverage);
    report.source = std::move(outcome->target);
    report.statistics = outcome->statistics;
    report.confinement = std::move(outcome->confinement);
    if (database) {
        if (auto matched = match(report, *database, coverage); !matched) {
            return refuse(kFailed, matched.error());
        }
    }
    report.coverage = finished(coverage);
    report.started = base::format_time(start);
    report.ended = base::format_time(std::chrono::system_clock::now());
    report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - clock_start).count();
    bool written = true;
    for (const Output& output : settings.outputs) {
        if (auto done = write_report(report, output); !done) {
            refuse(kFailed, done.error());
            written = false;
        }
    }
    if (!written) return kFailed;
    return exit_status(report, settings);
}

}  // namespace vmsecurity::cli
