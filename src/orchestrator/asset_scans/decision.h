#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "providers/provider.h"

namespace vmsecurity::orchestrator {

// The words of status/general/state and resourceCleanupStatus/state.
enum class AssetScanState : std::uint8_t {
    kNotScanned,
    kPending,
    kScheduled,
    kReadyToScan,
    kInProgress,
    kAborted,
    kFailed,
    kDone
};
enum class CleanupState : std::uint8_t { kPending, kSkipped, kFailed, kDone };
std::optional<AssetScanState> parse_asset_scan_state(std::string_view word);
std::optional<CleanupState> parse_cleanup_state(std::string_view word);

// An asset scan takes one of its scan's slots from the moment it is scheduled until it has ended.
bool holds_slot(AssetScanState state);
bool has_ended(AssetScanState state);

enum class ScanPhase : std::uint8_t { kRunning, kAborted, kTimedOut, kEnded, kGone };

// Whether what was made for an asset scan is removed once it has ended.
enum class DeletePolicy : std::uint8_t { kAlways, kOnSuccess, kNever };

using Time = std::chrono::system_clock::time_point;

// What is known of an asset scan when it is looked at.
struct AssetScanFacts {
    bool of_scan = true;  // false: made by hand, for a scanner that somebody else starts
    AssetScanState state = AssetScanState::kPending;
    CleanupState cleanup = CleanupState::kPending;
    bool has_errors = false;
    unsigned attempts = 0;            // how often its scanner was started
    Time since{};                     // when it came into its state
    std::optional<Time> heartbeat{};  // when its scanner was last heard of
    std::optional<Time> deadline{};
    ScanPhase scan = ScanPhase::kRunning;
    bool slot_free = true;
    // As the provider says, where it was asked.
    std::optional<providers::ScannerStatus> scanner{};
};

struct AssetScanLimits {
    unsigned attempts = 3;
    std::chrono::seconds heartbeat{120};  // of silence, after which a scanner is given up
    DeletePolicy delete_policy = DeletePolicy::kAlways;
};

enum class AssetScanAction : std::uint8_t {
    kLeave,        // nothing is left to do, or it is not ours
    kWaitForSlot,  // until another one of its scan has ended
    kSchedule,     // take a slot: Scheduled, one attempt more, with a deadline; then kStart
    kStart,        // ask the provider to start its scanner, again and again
    kWatch,        // look again at `until`, or when something is told
    kRetry,        // remove what there is; then as kSchedule, with the slot it has
    kFail,         // Failed, for `reason`
    kCleanUp,      // remove what was made for it, again and again; then clean-up is Done
    kSkipCleanUp,  // clean-up is Skipped, by the policy
};

struct AssetScanDecision {
    AssetScanAction action = AssetScanAction::kLeave;
    std::string reason;           // of kFail and kRetry, for people
    std::optional<Time> until{};  // of kWatch
};

// What is to be done next: a function of its arguments alone, so that it is the same after a crash
// and on another machine. VMClarity's states (Pending, Scheduled, ReadyToScan, InProgress, Aborted,
// Done) and Failed; unlike there, a scanner that dies is noticed, what fails ends as Failed, and
// clean-up is tried until it is done.
AssetScanDecision decide(const AssetScanFacts& facts, const AssetScanLimits& limits, Time now);

}  // namespace vmsecurity::orchestrator
