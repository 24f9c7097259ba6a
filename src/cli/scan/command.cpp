#include "cli/scan/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"
#include "cli/scan/pipeline.h"
#include "scan/matching/glob.h"

namespace vmsecurity::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  vmsecurity scan disk.qcow2
  vmsecurity scan /mnt/root --families sbom --format cyclonedx --output sbom.cdx.json
  vmsecurity scan /dev/nvme1n1 --format json --output report.json --also table=/dev/stderr
  vmsecurity scan disk.img --exclude 'var/lib/docker/**' --fail-on high

Exit status: 0 complete; 1 findings at or above --fail-on; 2 the command line is wrong;
3 something was not looked at (see Coverage in the report); 4 the scan failed.)";

constexpr std::size_t kMaxExcludeBytes = 48 * 1024;  // they go to the worker in one message

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

ScanCommand::ScanCommand(CLI::App& program) {
    command_ = program.add_subcommand(
        "scan",
        "Scan a disk image, a block device or a directory for packages and vulnerabilities");
    CLI::App& app = *command_;
    app.footer(kExamples);
    app.add_option(
        "TARGET", target_,
        "A disk image (raw, qcow2), a block device, or a directory; default: the input of "
        "the families config");
    app.add_option("--families", families_, "What to look for: sbom, vulnerabilities")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--config", config_,
                   "A families config (YAML) that says which families; default where there is no "
                   "TARGET, or with --server: .families.yaml in $HOME or here")
        ->type_name("FILE");
    app.add_option("--format", format_, "Report: table, json, or cyclonedx (the packages alone)")
        ->capture_default_str();
    app.add_option("--output,-o", output_, "Write the report to FILE instead of standard output")
        ->type_name("FILE");
    app.add_option("--also", also_, "A further report as FORMAT=FILE; may be repeated")
        ->type_name("FORMAT=FILE");
    app.add_option("--advisories", advisories_,
                   "The advisory file (default: $VMSECURITY_ADVISORIES, else "
                   "~/.cache/vmsecurity/advisories.vmadv); made by `vmsecurity advisories build`")
        ->type_name("FILE");
    app.add_option("--fail-on", fail_on_,
                   "Exit with status 1 if a vulnerability is at least this grave: unknown (any), "
                   "negligible, low, medium, high, critical")
        ->type_name("SEVERITY");
    app.add_option("--exclude", excludes_,
                   "Leave out paths that match, relative to the root: *, ? within a name, ** for "
                   "any directories; may be repeated")
        ->type_name("GLOB");
    app.add_option("--progress", progress_, "On standard error: auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    const auto limits = [&](CLI::Option* option) {
        option->group("Limits")->capture_default_str();
    };
    limits(app.add_option("--max-file-size", max_file_size_,
                          "Larger files are not analysed; bytes, or with K, M, G")
               ->type_name("SIZE"));
    limits(app.add_option("--max-depth", max_depth_, "Directories below the root")
               ->check(CLI::Range(1, 100000)));
    limits(app.add_option("--file-timeout", file_timeout_, "Seconds for one analyzer on one file")
               ->check(CLI::Range(0.001, 1e6)));
    limits(app.add_option("--stall-timeout", stall_timeout_,
                          "Seconds without progress after which reading a file system is given up")
               ->check(CLI::Range(0.1, 1e6)));
    limits(app.add_option("--timeout", timeout_, "Seconds for the whole scan; 0: no limit")
               ->check(CLI::Range(0.0, 1e9)));
    limits(app.add_option("--worker-memory", worker_memory_, "Address space of a content worker")
               ->type_name("SIZE"));
    limits(app.add_option("--io-threads", io_threads_, "Threads that read the file system")
               ->check(CLI::Range(1, 64)));
    limits(app.add_option("--content-workers", workers_,
                          "Processes that analyse files; 0: one a processor")
               ->check(CLI::Range(0, 64)));
    app.add_flag("--require-unchanged", require_unchanged_,
                 "Of an image: fail if it, or a backing file, changes while it is being scanned");
    app.add_flag("--cross-mounts", cross_mounts_,
                 "In a directory: enter other file systems that are mounted below");
}

bool ScanCommand::chosen() const {
    return command_->parsed();
}

base::Result<void> ScanCommand::choose_families(ScanSettings& settings,
                                                bool look_for_config) const {
    const auto refuse = [](std::string message) {
        return base::fail(base::ErrorCode::kInvalidArgument, std::move(message));
    };
    settings.target = target_;
    settings.families_given = !config_.empty();
    const bool families_named = command_->count("--families") > 0;
    if (settings.families_given && families_named) {
        return refuse("--config says which families: leave --families out");
    }
    std::optional<std::string> file;
    if (settings.families_given) file = config_;
    if (look_for_config && !settings.families_given && !families_named) {
        file = find_families_config();
    }
    if (file) {
        VMSECURITY_ASSIGN(settings.families, read_families_config(*file));
        if (target_.empty()) settings.target = settings.families->target;
        settings.vulnerabilities = settings.families->enables("vulnerabilities");
    }
    if (settings.target.empty()) {
        return refuse(file ? "no TARGET, and the inputs of " + base::escape_bytes(*file) +
                                 " name none"
                           : "what is to be scanned? TARGET is missing");
    }
    if (file) return {};
    settings.vulnerabilities = false;
    for (const std::string& family : families_) {
        if (family != "sbom" && family != "vulnerabilities") {
            return refuse("\"" + base::escape_bytes(family) +
                          "\" is no family: take sbom or vulnerabilities");
        }
        settings.vulnerabilities |= family == "vulnerabilities";
    }
    return {};
}

base::Result<ScanSettings> ScanCommand::settings(bool look_for_config) const {
    const auto refuse = [](std::string message) {
        return base::fail(base::ErrorCode::kInvalidArgument, std::move(message));
    };
    ScanSettings settings;
    VMSECURITY_TRY(choose_families(settings, look_for_config));
    VMSECURITY_ASSIGN(const Format main_format, parse_format(format_));
    settings.outputs.push_back({main_format, output_});
    for (const std::string& also : also_) {
        const std::size_t equals = also.find('=');
        if (equals == std::string::npos || equals + 1 == also.size()) {
            return refuse("--also takes FORMAT=FILE, e.g. --also json=report.json");
        }
        VMSECURITY_ASSIGN(const Format format, parse_format(also.substr(0, equals)));
        settings.outputs.push_back({format, also.substr(equals + 1)});
    }
    settings.advisories = advisories_.empty() ? default_advisories_path() : advisories_;
    if (!fail_on_.empty()) {
        settings.fail_on = model::parse_severity(fail_on_);
        if (!settings.fail_on) {
            return refuse(
                "\"" + base::escape_bytes(fail_on_) +
                "\" is no severity: take unknown, negligible, low, medium, high or critical");
        }
        if (!settings.vulnerabilities) {
            return refuse("--fail-on needs the vulnerabilities family");
        }
    }
    settings.progress = ProgressMode::kAuto;
    if (progress_ == "always") settings.progress = ProgressMode::kAlways;
    if (progress_ == "never") settings.progress = ProgressMode::kNever;
    std::size_t exclude_bytes = 0;
    for (const std::string& exclude : excludes_) {
        VMSECURITY_TRY(scan::matching::Glob::parse(exclude));
        exclude_bytes += exclude.size() + sizeof(std::uint32_t);
    }
    if (exclude_bytes > kMaxExcludeBytes) {
        return refuse("the --exclude patterns together are longer than 48 KiB");
    }
    scan::Options& scan = settings.scan;
    scan.excludes = excludes_;
    VMSECURITY_ASSIGN(scan.limits.max_file_size, parse_size(max_file_size_));
    VMSECURITY_ASSIGN(scan.limits.worker_memory, parse_size(worker_memory_));
    scan.limits.max_depth = max_depth_;
    scan.limits.file_timeout = milliseconds(file_timeout_);
    scan.limits.stall_timeout = milliseconds(stall_timeout_);
    scan.limits.scan_timeout = milliseconds(timeout_);
    scan.io_threads = io_threads_;
    scan.content_workers =
        workers_ > 0 ? workers_ : std::max(1U, std::thread::hardware_concurrency());
    scan.cross_mounts = cross_mounts_;
    scan.require_unchanged = require_unchanged_;
    return settings;
}

int ScanCommand::run() {
    const auto checked = settings(target_.empty());
    if (!checked) {
        tell("vmsecurity scan: {}\nSee `vmsecurity scan --help`.\n", checked.error().describe());
        return kUsage;
    }
    return scan_and_report(*checked);
}

}  // namespace vmsecurity::cli
