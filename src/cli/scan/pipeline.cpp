#include "cli/scan/pipeline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cli/companion/companion.h"
#include "cli/console/console.h"
#include "cli/console/terminal.h"
#include "cli/exit_status.h"
#include "cli/report/report.h"
#include "cli/scan/interrupt.h"
#include "cli/scan/output_file.h"
#include "cli/scan/progress_line.h"
#include "cli/scan/scanned.h"
#include "cli/scan/target.h"

namespace vmsecurity::cli {
namespace {

// An error on the way and the status that it ends the program with.
int refuse(int status, const base::Error& error) {
    tell("vmsecurity scan: {}\n", error.describe());
    return status;
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

    const Interrupt interrupt;
    ProgressLine progress(settings.progress);
    auto scanned =
        scan_target(*target, options, database ? &*database : nullptr, interrupt.descriptor(),
                    [&](const scan::ScanProgress& now) { progress.show(now); });
    progress.clear();
    if (!scanned) return refuse(kFailed, scanned.error());
    if (settings.families) {
        std::ranges::transform(unsupported_parts(*settings.families),
                               std::back_inserter(scanned->outcome.coverage), coverage_of);
    }
    // Never destroyed: the program ends after its one scan, and freeing a few hundred thousand
    // strings one by one first would be a tenth of its time.
    const Report& report = *new Report(
        to_report(std::move(*scanned), settings.target, database ? &database->info() : nullptr));
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
