#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

// Where assets come from and where they are scanned: a cloud, a hypervisor, a directory of images.
// The orchestrator knows providers through this interface alone; every one of them passes the suite
// in testing/.
namespace vmsecurity::providers {

// What a provider can do beyond the least: discover, start, status, remove.
struct Capabilities {
    bool estimates = false;
    bool consistent_snapshots = false;  // all disks of an asset at one instant
};

struct DiscoveredAsset {
    boost::json::object info;  // the API's AssetType: objectType and what goes with it
};

// What a discovery could not see: assets there are neither found nor missing.
struct DiscoveryReport {
    struct Failure {
        // Spared are assets whose location begins so and, where `instance_id` is not empty, that
        // have this one.
        std::string location;
        std::string instance_id;
        std::string reason;
    };
    std::vector<Failure> failures;
};

// One attempt at one asset. Everything that is made for it is named after `asset_scan_id`.
struct ScanJob {
    std::string asset_scan_id;
    std::string asset_id;
    std::string scan_id;
    boost::json::object asset_info;
    boost::json::object instance;  // the API's ScannerInstanceCreationConfig; may be empty
    std::string families_config;   // YAML of `vmsecurity scan --config`
    std::string api_url;           // as scanners reach it
    std::string api_ca_file;
    std::string token;       // the asset scan's own; a secret
    std::string advisories;  // file or URL; empty: the scanner's default
};

// How far something is that takes its time. Calls never wait for a cloud: they are repeated.
struct Step {
    bool finished = false;
    std::chrono::milliseconds again{1000};  // when to call again, if not finished
    std::optional<std::chrono::system_clock::time_point> snapshot_time{};  // of start()
};

enum class ScannerState : std::uint8_t {
    kAbsent,   // nothing runs, and nothing was started that is still known
    kRunning,  // as far as can be told
    kEnded,    // it ran and is gone, or can no longer work
};

struct ScannerStatus {
    ScannerState state = ScannerState::kAbsent;
    std::string reason;  // of kEnded, for people
};

// Something of ours that exists outside, as the reconciler needs it.
struct OwnedResource {
    std::string asset_scan_id;
    std::string kind;  // "snapshot", "instance", …
    std::string name;
    std::chrono::system_clock::time_point created;
};

struct Estimate {
    std::chrono::seconds duration{};
    double size_gigabytes = 0;
    double cost_dollars = 0;
    std::vector<std::pair<std::string, double>> cost_breakdown;
};

// Errors of all calls: kUnavailable may go away (throttling, a region that is down) and the call is
// repeated later; any other ends the attempt, and its message is shown to people.
// Calls come from several threads at once, for different asset scans; never two at once for one.
class Provider {
  public:
    virtual ~Provider() = default;

    virtual std::string_view kind() const = 0;  // "local"
    virtual std::string display_name() const = 0;
    virtual Capabilities capabilities() const = 0;

    // All assets that there are now. An error: nothing was learnt, no asset is missing.
    virtual base::Result<DiscoveryReport> discover(
        const std::function<void(DiscoveredAsset)>& found, std::stop_token stop) = 0;

    // Makes what the scan needs and starts its scanner: called until it is finished, also after a
    // crash in between, by another process. What exists already is used, never made twice.
    virtual base::Result<Step> start(const ScanJob& job) = 0;

    virtual base::Result<ScannerStatus> status(std::string_view asset_scan_id) = 0;

    // Stops the scanner if it runs and removes everything that was made for the asset scan: called
    // until it is finished. Nothing there is finished.
    virtual base::Result<Step> remove(std::string_view asset_scan_id) = 0;

    // Everything of this installation that exists, whoever made it, for what crashes left behind.
    virtual base::Result<std::vector<OwnedResource>> list_owned() = 0;

    // kUnsupported where it has no estimates. `job` has no token.
    virtual base::Result<Estimate> estimate(const ScanJob& job) = 0;

    // Told, from any thread, when something of that asset scan may have changed, so that nobody
    // needs to ask often.
    using Listener = std::function<void(const std::string& asset_scan_id)>;
    virtual void set_listener(Listener listener) = 0;
};

}  // namespace vmsecurity::providers
