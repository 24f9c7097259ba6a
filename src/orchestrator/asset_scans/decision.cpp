#include "orchestrator/asset_scans/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace vmsecurity::orchestrator {
namespace {

using enum AssetScanAction;

constexpr std::array<std::pair<std::string_view, AssetScanState>, 8> kStates = {{
    {"NotScanned", AssetScanState::kNotScanned},
    {"Pending", AssetScanState::kPending},
    {"Scheduled", AssetScanState::kScheduled},
    {"ReadyToScan", AssetScanState::kReadyToScan},
    {"InProgress", AssetScanState::kInProgress},
    {"Aborted", AssetScanState::kAborted},
    {"Failed", AssetScanState::kFailed},
    {"Done", AssetScanState::kDone},
}};
constexpr std::array<std::pair<std::string_view, CleanupState>, 4> kCleanups = {{
    {"Pending", CleanupState::kPending},
    {"Skipped", CleanupState::kSkipped},
    {"Failed", CleanupState::kFailed},
    {"Done", CleanupState::kDone},
}};

template <typename Words>
auto find_word(const Words& words, std::string_view word)
    -> std::optional<typename Words::value_type::second_type> {
    for (const auto& [name, value] : words) {
        if (name == word) return value;
    }
    return std::nullopt;
}

AssetScanDecision fail_for(std::string reason) {
    return {.action = kFail, .reason = std::move(reason), .until = {}};
}

AssetScanDecision clean_up(const AssetScanFacts& facts, const AssetScanLimits& limits) {
    if (facts.cleanup != CleanupState::kPending) return {};
    const bool succeeded = facts.state == AssetScanState::kDone && !facts.has_errors;
    const bool skips = limits.delete_policy == DeletePolicy::kNever ||
                       (limits.delete_policy == DeletePolicy::kOnSuccess && !succeeded);
    return {.action = skips ? kSkipCleanUp : kCleanUp, .reason = {}, .until = {}};
}

// Why it may not go on, if it may not.
std::optional<std::string> end_reason(const AssetScanFacts& facts, Time now) {
    if (facts.state == AssetScanState::kAborted) return "it was aborted";
    switch (facts.scan) {
        case ScanPhase::kRunning:
            break;
        case ScanPhase::kAborted:
            return "its scan was aborted";
        case ScanPhase::kTimedOut:
            return "its scan timed out";
        case ScanPhase::kEnded:
            return "its scan has ended";
        case ScanPhase::kGone:
            return "its scan was deleted";
    }
    if (facts.deadline && *facts.deadline <= now) return "it did not end before its deadline";
    return std::nullopt;
}

// The scanner's own: it has been told to go, or has gone to work.
AssetScanDecision watch(const AssetScanFacts& facts, const AssetScanLimits& limits, Time now) {
    const Time heard = std::max(facts.since, facts.heartbeat.value_or(facts.since));
    const Time silent_at = heard + limits.heartbeat;
    std::string lost;
    if (facts.scanner && facts.scanner->state == providers::ScannerState::kEnded) {
        lost = fmt::format("its scanner ended early: {}", facts.scanner->reason);
    } else if (facts.scanner && facts.scanner->state == providers::ScannerState::kAbsent) {
        lost = "its scanner is gone";
    } else if (silent_at <= now) {
        lost = fmt::format("its scanner was not heard of for {} s", limits.heartbeat.count());
    }
    if (lost.empty()) {
        const Time until = std::min(silent_at, facts.deadline.value_or(silent_at));
        return {.action = kWatch, .reason = {}, .until = until};
    }
    if (facts.attempts < limits.attempts) {
        return {.action = kRetry, .reason = std::move(lost), .until = {}};
    }
    return fail_for(fmt::format("{} (attempt {} of {})", lost, facts.attempts, limits.attempts));
}

}  // namespace

std::optional<AssetScanState> parse_asset_scan_state(std::string_view word) {
    return find_word(kStates, word);
}

std::optional<CleanupState> parse_cleanup_state(std::string_view word) {
    return find_word(kCleanups, word);
}

bool has_ended(AssetScanState state) {
    return state == AssetScanState::kDone || state == AssetScanState::kFailed ||
           state == AssetScanState::kNotScanned;
}

bool holds_slot(AssetScanState state) {
    return state != AssetScanState::kPending && !has_ended(state);
}

AssetScanDecision decide(const AssetScanFacts& facts, const AssetScanLimits& limits, Time now) {
    if (!facts.of_scan || facts.state == AssetScanState::kNotScanned) return {};
    if (has_ended(facts.state)) return clean_up(facts, limits);
    if (auto reason = end_reason(facts, now)) return fail_for(std::move(*reason));
    if (facts.state == AssetScanState::kPending) {
        return {.action = facts.slot_free ? kSchedule : kWaitForSlot, .reason = {}, .until = {}};
    }
    if (facts.state == AssetScanState::kScheduled) {
        return {.action = kStart, .reason = {}, .until = {}};
    }
    return watch(facts, limits, now);
}

}  // namespace vmsecurity::orchestrator
