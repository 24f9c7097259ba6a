#include "cli/scanner/session.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>

#include "base/identifiers.h"
#include "cli/companion/companion.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"
#include "cli/scan/interrupt.h"
#include "cli/scan/output_file.h"
#include "cli/scan/progress_line.h"
#include "cli/scan/target.h"
#include "cli/scanner/asset_scan.h"
#include "cli/scanner/upload.h"
#include "cli/scanner/watcher.h"
#include "findings/family.h"
#include "model/schema/time.h"

namespace vmsecurity::cli {
namespace {

using boost::json::object;
using model::CoverageState;

constexpr std::string_view kConfigAnnotation = "openclarity.io/vmclarity-scanner/config";
constexpr std::chrono::seconds kPoll{1};
constexpr std::chrono::minutes kWaitForReady{10};
constexpr std::chrono::seconds kLastWord{30};  // for saying how it ended when it was cut short
constexpr std::string_view kSelect =
    "id,status,annotations,scanFamiliesConfig,snapshotTime,deadline";

const object& member(const object& parent, std::string_view name) {
    static const object kEmpty;
    const object* found = codec::object_member(parent, name);
    return found == nullptr ? kEmpty : *found;
}

std::string state_of(const object& asset_scan, std::string_view part) {
    return std::string(codec::text_member(member(member(asset_scan, "status"), part), "state"));
}

std::string now() {
    // To the nanosecond: two scans of one asset may follow each other within a second, and findings
    // are ordered by it.
    return model::schema::format_time(
        model::schema::from_nanoseconds(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                            std::chrono::system_clock::now().time_since_epoch())
                                            .count()));
}

class Session {
  public:
    explicit Session(const ScannerSettings& settings)
        : settings_(settings),
          asset_scan_(settings.server, settings.asset_scan_id, settings.upload_timeout),
          watcher_(settings.server, settings.asset_scan_id, interrupt_.descriptor()) {
        asset_scan_.set_stop(watcher_.stop_token());
    }

    int run() {
        const auto status = scan();
        watcher_.finish();
        const auto end = watcher_.end();
        if (end == Watcher::End::kRefused) return tell_failed(watcher_.detail());
        if (end) return finish_early(watcher_.detail());
        if (status) return *status;
        return finish_early(status.error().describe());
    }

  private:
    base::Result<int> scan();
    base::Result<void> wait_until_ready();
    base::Result<void> begin();
    base::Result<Scanned> scan_disk();
    base::Result<void> send(std::string_view family, base::Result<std::string> results);
    base::Result<void> send_nothing(std::string_view family, CoverageState state,
                                    const std::string& reason);
    base::Result<void> send_unsupported();
    base::Result<void> end(bool failed);
    base::Result<void> write_files(const Report& report) const;
    void choose_families();
    void choose_families(const object& config);
    bool wanted(std::string_view family) const;
    int tell_failed(const std::string& why) const;
    int finish_early(const std::string& why);

    const ScannerSettings& settings_;
    const Interrupt interrupt_;
    AssetScan asset_scan_;
    Watcher watcher_;
    object known_;                                       // the asset scan as it was at the start
    std::map<std::string, bool, std::less<>> families_;  // enabled; whether they are to be sent
    std::optional<advisories::Database> database_;
    std::string no_database_;               // why there is none
    std::vector<Unsupported> unsupported_;  // scanners and inputs that were asked for
    std::string started_;
    std::string observed_on_;
    std::vector<std::string> errors_;
    bool begun_ = false;
};

bool Session::wanted(std::string_view family) const {
    const auto found = families_.find(family);
    return found != families_.end() && found->second;
}

int Session::tell_failed(const std::string& why) const {
    tell("vmsecurity scan: asset scan {}: {}\n", settings_.asset_scan_id, why);
    return kFailed;
}

// Says Failed once more, now that nothing else is under way.
int Session::finish_early(const std::string& why) {
    if (begun_) {
        AssetScan last(settings_.server, settings_.asset_scan_id, kLastWord);
        errors_.push_back(why);
        object patch{
            {"status", object{{"general", state_object("Failed", errors_)}}},
            {"stats", object{{"general", object{{"scanTime", object{{"endTime", now()}}}}}}}};
        if (const auto said = last.change(patch); !said) {
            tell("vmsecurity scan: {}\n", said.error().describe());
        }
    }
    return tell_failed(why);
}

// As the asset scan says.
void Session::choose_families(const object& config) {
    for (const findings::Family& family : findings::families()) {
        const object& part = member(config, family.name);
        const auto* flag = part.if_contains("enabled");
        if (flag == nullptr || !flag->is_bool() || !flag->get_bool()) continue;
        families_.emplace(family.name, true);
        const auto* listed =
            codec::array_member(part, family.name == "sbom" ? "analyzers" : "scanners");
        if (listed == nullptr) continue;
        std::vector<std::string> scanners;
        for (const auto& scanner : *listed) {
            if (scanner.is_string()) scanners.emplace_back(scanner.get_string());
        }
        std::ranges::move(unsupported_scanners(family.name, scanners),
                          std::back_inserter(unsupported_));
    }
}

// A file that was named decides, then the asset scan, then a file that was found.
void Session::choose_families() {
    const object& config = member(known_, "scanFamiliesConfig");
    const auto& file = settings_.scan.families;
    if (!config.empty() && !settings_.scan.families_given) {
        choose_families(config);
    } else if (file) {
        for (const auto& [name, family] : file->families) {
            if (family.enabled) families_.emplace(name, true);
        }
        unsupported_ = unsupported_parts(*file);
        // Families without a scanner are told as results of their own.
        std::erase_if(unsupported_, [](const Unsupported& one) { return one.part.empty(); });
    } else {
        families_.emplace("sbom", true);
        if (settings_.scan.vulnerabilities) families_.emplace("vulnerabilities", true);
    }
    // An earlier try may have sent some already.
    for (auto& [name, send] : families_) send = state_of(known_, name) != "Done";
}

base::Result<void> Session::wait_until_ready() {
    const auto end = std::chrono::steady_clock::now() + kWaitForReady;
    for (;;) {
        VMSECURITY_ASSIGN(known_, asset_scan_.read(kSelect));
        const std::string state = state_of(known_, "general");
        if (state == "ReadyToScan" || state == "InProgress") return {};
        if (state == "Done" || state == "Failed" || state == "Aborted" || state == "NotScanned") {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "it is " + state + " and cannot be scanned");
        }
        if (std::chrono::steady_clock::now() >= end) {
            return base::fail(base::ErrorCode::kLimitExceeded,
                              "it has not become ReadyToScan within 10 minutes; it is " + state);
        }
        if (watcher_.stop_token().stop_requested()) {
            return base::fail(base::ErrorCode::kCancelled, "ended before it began");
        }
        std::this_thread::sleep_for(kPoll);
    }
}

base::Result<void> Session::begin() {
    choose_families();
    started_ = now();
    observed_on_ = codec::text_member(known_, "snapshotTime");
    if (observed_on_.empty()) observed_on_ = started_;
    if (const auto deadline = model::schema::parse_time(codec::text_member(known_, "deadline"))) {
        asset_scan_.set_deadline(std::chrono::system_clock::time_point(
            std::chrono::duration_cast<std::chrono::system_clock::duration>(
                std::chrono::nanoseconds(model::schema::to_nanoseconds(*deadline)))));
    }
    boost::json::array annotations;
    if (const auto* known = codec::array_member(known_, "annotations")) {
        for (const auto& one : *known) {
            if (one.is_object() &&
                codec::text_member(one.get_object(), "key") == kConfigAnnotation) {
                continue;
            }
            annotations.push_back(one);
        }
    }
    object config{{"target", settings_.scan.target}, {"advisories", settings_.scan.advisories}};
    boost::json::array names;
    object status{{"general", state_object("InProgress", {})}};
    for (const auto& [family, send] : families_) {
        names.emplace_back(family);
        if (send) status[family] = state_object("InProgress", {});
    }
    config["families"] = std::move(names);
    annotations.push_back(
        object{{"key", kConfigAnnotation}, {"value", boost::json::serialize(config)}});
    object patch{
        {"annotations", std::move(annotations)},
        {"stats", object{{"general", object{{"scanTime", object{{"startTime", started_}}}}}}}};
    patch["status"] = std::move(status);
    VMSECURITY_TRY(asset_scan_.change(patch));
    begun_ = true;
    watcher_.begin();
    return {};
}

base::Result<Scanned> Session::scan_disk() {
    VMSECURITY_ASSIGN(const auto target, open_target(settings_.scan.target));
    scan::Options options = settings_.scan.scan;
    VMSECURITY_ASSIGN(options.worker_program, find_companion("vmsecurity-worker"));
    if (wanted("vulnerabilities")) {
        auto opened = advisories::Database::open(settings_.scan.advisories);
        if (opened) {
            database_ = std::move(*opened);
        } else {
            no_database_ = opened.error().describe();
        }
    }
    ProgressLine line(settings_.scan.progress);
    auto scanned = scan_target(target, options, database_ ? &*database_ : nullptr,
                               watcher_.cancel_descriptor(), [&](const scan::ScanProgress& now) {
                                   watcher_.show(now);
                                   line.show(now);
                               });
    line.clear();
    return scanned;
}

base::Result<void> Session::send(std::string_view family, base::Result<std::string> results) {
    if (!results) return base::fail(std::move(results).error());
    return asset_scan_.put_results(family, *results);
}

base::Result<void> Session::send_nothing(std::string_view family, CoverageState state,
                                         const std::string& reason) {
    errors_.push_back(std::string(family) + ": " + reason);
    VMSECURITY_TRY(send(family, pack_nothing(family, observed_on_, state, reason)));
    return asset_scan_.change({{"status", object{{family, state_object("Failed", {reason})}}}});
}

// A family that was asked for and is not there must not pass for one that found nothing.
base::Result<void> Session::send_unsupported() {
    for (const auto& [family, send] : families_) {
        if (!send || family == "sbom" || family == "vulnerabilities") continue;
        VMSECURITY_TRY(
            send_nothing(family, CoverageState::kUnsupported, "this build has no scanner for it"));
    }
    return {};
}

base::Result<void> Session::end(bool failed) {
    object patch{{"status", object{{"general", state_object(failed ? "Failed" : "Done", errors_)}}},
                 {"stats", object{{"general", object{{"scanTime", object{{"endTime", now()}}}}}}},
                 {"heartbeatTime", now()}};
    return asset_scan_.change(patch);
}

base::Result<void> Session::write_files(const Report& report) const {
    if (settings_.output_directory.empty()) return {};
    const std::filesystem::path directory = settings_.output_directory;
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    VMSECURITY_TRY(write_output(directory / "sbom.cdx.json", to_cyclonedx(report)));
    if (report.matched) {
        VMSECURITY_TRY(write_output(directory / "vulnerabilities.json", to_json(report)));
    }
    return {};
}

base::Result<int> Session::scan() {
    VMSECURITY_TRY(wait_until_ready());
    VMSECURITY_TRY(begin());
    auto scanned = scan_disk();
    if (watcher_.end()) return kFailed;
    VMSECURITY_TRY(send_unsupported());
    if (!scanned) {
        const std::string why = scanned.error().describe();
        for (const std::string_view family : {"sbom", "vulnerabilities"}) {
            if (wanted(family)) {
                VMSECURITY_TRY(send_nothing(family, CoverageState::kFailed, why));
            }
        }
        VMSECURITY_TRY(end(true));
        return tell_failed(why);
    }
    if (!settings_.output_directory.empty()) {
        VMSECURITY_TRY(write_files(
            to_report(*scanned, settings_.scan.target, database_ ? &database_->info() : nullptr)));
    }
    const families::sbom::results::InputStatistics statistics = {
        "rootfs", settings_.scan.target, scanned->outcome.statistics.bytes_read, started_, now()};
    LocatedScan located = locate(std::move(*scanned), observed_on_, statistics);
    located.unsupported = unsupported_;
    if (wanted("sbom")) VMSECURITY_TRY(send("sbom", pack_packages(located)));
    if (wanted("vulnerabilities")) {
        if (database_) {
            VMSECURITY_TRY(send("vulnerabilities", pack_vulnerabilities(located)));
        } else {
            VMSECURITY_TRY(
                send_nothing("vulnerabilities", CoverageState::kUnsupported, no_database_));
        }
    }
    if (!located.read_anything) errors_.emplace_back("nothing of the target could be read");
    VMSECURITY_TRY(end(!located.read_anything));
    if (!located.read_anything) return tell_failed(errors_.back());
    const bool complete =
        errors_.empty() && unsupported_.empty() &&
        std::ranges::all_of(located.head.coverage, [](const auto& entry) {
            return entry.state == CoverageState::kScanned || entry.state == CoverageState::kSkipped;
        });
    return complete ? kComplete : kIncomplete;
}

}  // namespace

int run_asset_scan(const ScannerSettings& settings) {
    return Session(settings).run();
}

}  // namespace vmsecurity::cli
