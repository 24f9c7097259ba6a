#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::store {

// How long what is over is kept; nothing: for ever.
struct RetentionRules {
    // Scans that ended, with their asset scans, those asset scans' results and what they observed;
    // and asset scans of no scan. Findings stay.
    std::optional<std::chrono::seconds> finished_scans;
    // Results of asset scans that ended, and nothing else of them.
    std::optional<std::chrono::seconds> asset_scan_results;
    std::optional<std::chrono::seconds> invalidated_findings;
    std::optional<std::chrono::seconds> changes;
    std::optional<std::chrono::seconds> audit_events;
};

struct RetentionResult {
    std::int64_t scans = 0;
    std::int64_t asset_scans = 0;
    std::int64_t asset_scan_results = 0;  // members of asset scans that stay
    std::int64_t findings = 0;
    std::int64_t changes = 0;
    std::int64_t audit_events = 0;
};

// Deletes what is older than the rules say at `now` (nanoseconds since 1970), in transactions of
// at most some hundred rows each, so that other writers get their turns. What an interrupted run
// has deleted stays deleted; the next one goes on.
base::Result<RetentionResult> apply_retention(Store& store, const RetentionRules& rules,
                                              std::int64_t now, Deadline deadline);

}  // namespace vmsecurity::store
