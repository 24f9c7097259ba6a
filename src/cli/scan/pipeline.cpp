#include "cli/scan/pipeline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/identifiers.h"
#include "cli/companion/companion.h"
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
    fmt::print(stderr, "vmsecurity scan: {}\n", error.describe());
    return status;
}

// The records of one volume; they are sorted by volume.
std::span<const scan::Record> records_of(const scan::Outcome& outcome, std::uint32_t volume) {
    const auto range = std::ranges::equal_range(outcome.records, volume, {}, &scan::Record::volume);
    return {range.begin(), range.end()};
}

// Puts the volumes' packages into one list. With a single root, places read as on the running
// machine; if several volumes have packages, each place names its volume.
using VolumeSbom = std::pair<std::string, families::sbom::Sbom>;

families::sbom::Sbom merge(std::vector<VolumeSbom> parts) {
    const auto roots = std::ranges::count_if(parts, [](const VolumeSbom& part) {
        return !part.second.packages.empty() || !part.second.os.id.empty();
    });
    families::sbom::Sbom merged;
    for (auto& [volume, part] : parts) {
        const std::string prefix = roots > 1 ? volume + ":" : std::string();
        for (model::Package& package : part.packages) {
            package.location.insert(0, prefix);
            merged.packages.push_back(std::move(package));
        }
        if (merged.os.id.empty() && !part.os.id.empty()) {
            merged.os = std::move(part.os);
            merged.os.location.insert(0, prefix);
        }
        for (model::CoverageEntry& entry : part.coverage) {
            if (parts.size() > 1) entry.name = volume + ":" + entry.name;
            merged.coverage.push_back(std::move(entry));
        }
    }
    return merged;
}

families::sbom::Sbom assemble(const scan::Outcome& outcome) {
    std::vector<VolumeSbom> parts;
    for (std::uint32_t i = 0; i < outcome.volumes.size(); ++i) {
        const scan::ScannedVolume& volume = outcome.volumes[i];
        if (!volume.description.walkable) continue;
        std::vector<families::sbom::RootLink> links;
        for (const auto& link : volume.root_links) links.push_back({link.name, link.target});
        parts.emplace_back(volume.description.name,
                           families::sbom::assemble(records_of(outcome, i), links));
    }
    return merge(std::move(parts));
}

base::Result<void> match(Report& report, const advisories::Database& database) {
    VMSECURITY_ASSIGN(auto matches, families::vulnerabilities::match(report.sbom, database));
    report.matched = true;
    report.advisories = database.info();
    report.vulnerabilities = std::move(matches.vulnerabilities);
    report.suppressed = std::move(matches.suppressed);
    report.coverage.insert(report.coverage.end(), matches.coverage.begin(), matches.coverage.end());
    return {};
}

void add_coverage(Report& report, const scan::Outcome& outcome) {
    scan::CoverageLedger ledger;
    ledger.add(outcome.coverage);
    ledger.add(report.sbom.coverage);
    report.coverage = ledger.take();
    for (model::CoverageEntry& entry : report.coverage) {
        if (entry.name.empty()) entry.name = fmt::format("and {} more", entry.count);
    }
}

bool use_colour() {
    return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
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
    if (settings.fail_on &&
        std::ranges::any_of(report.vulnerabilities, [&](const model::Vulnerability& found) {
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
            fmt::print(stderr,
                       "vmsecurity scan: {}\nMake one with `vmsecurity advisories build FEED... "
                       "--output {}`, or scan without it: --families sbom\n",
                       opened.error().describe(), settings.advisories);
            return kFailed;
        }
        database = std::move(*opened);
    }

    Report report;
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

    report.sbom = assemble(*outcome);
    add_coverage(report, *outcome);
    report.source = std::move(outcome->target);
    report.statistics = outcome->statistics;
    report.confinement = std::move(outcome->confinement);
    if (database) {
        if (auto matched = match(report, *database); !matched) {
            return refuse(kFailed, matched.error());
        }
    }
    report.started = base::format_time(start);
    report.ended = base::format_time(std::chrono::system_clock::now());
    report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - clock_start).count();
    for (const Output& output : settings.outputs) {
        if (auto written = write_report(report, output); !written) {
            return refuse(kFailed, written.error());
        }
    }
    return exit_status(report, settings);
}

}  // namespace vmsecurity::cli
