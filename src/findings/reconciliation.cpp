#include "findings/reconciliation.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace vmsecurity::findings {

Reconciliation::Reconciliation(std::int64_t observed_on, std::vector<CoveredLocation> coverage,
                               std::vector<KnownFinding> known, std::vector<PastObservation> newer,
                               std::optional<std::int64_t> previous)
    : observed_on_(observed_on),
      coverage_(std::move(coverage)),
      known_(std::move(known)),
      newer_(std::move(newer)),
      previous_(previous),
      next_(known_.size(), kNone),
      seen_(known_.size(), false) {
    keys_.reserve(known_.size());
    for (std::size_t i = 0; i < known_.size(); ++i) {
        Key& key = keys_[known_[i].key];
        next_[i] = std::exchange(key.first, i);
    }
}

Decision Reconciliation::decide(const SeenFinding& seen) {
    auto place = keys_.find(seen.key);
    if (place == keys_.end()) place = keys_.emplace(seen.key, Key{}).first;
    Key& key = place->second;
    if (std::exchange(key.decided, true)) return {.kind = Decision::Kind::kDuplicate};

    Decision decision{.kind = Decision::Kind::kNew};
    // More than one row of a key can hold at a time where clients wrote findings themselves.
    for (std::size_t i = key.first; i != kNone; i = next_[i]) {
        if (!holds_at_observation(known_[i])) continue;
        if (decision.kind == Decision::Kind::kNew) decision.kind = Decision::Kind::kKnown;
        seen_[i] = true;
        if (is_latest() && !known_[i].invalidated_on && known_[i].content != seen.content &&
            decision.kind == Decision::Kind::kKnown) {
            decision.kind = Decision::Kind::kChanged;
            decision.row = known_[i].row;
        }
    }
    if (decision.kind != Decision::Kind::kNew) {
        ++kept_;
        return decision;
    }
    decision.invalidated_on = end_of(seen, key.first);
    if (decision.invalidated_on || !is_latest()) decision.last_seen = observed_on_;
    return decision;
}

Plan Reconciliation::finish() {
    Plan plan;
    plan.kept = kept_;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const KnownFinding& finding = known_[i];
        if (seen_[i]) {
            if (!finding.last_seen || *finding.last_seen >= observed_on_) continue;
            const bool follows = is_latest() && !finding.invalidated_on;
            plan.last_seen.push_back(
                {finding.row, follows ? std::nullopt : std::optional(observed_on_)});
            continue;
        }
        if (!is_latest() || finding.invalidated_on) continue;
        const bool before = !finding.found_on || *finding.found_on < observed_on_;
        if (before && looked_at(coverage_, finding.scanner, finding.location)) {
            plan.invalidate.push_back(i);
            continue;
        }
        ++plan.unseen;
        // It was seen when the previous observation was made, and does not follow this one.
        if (!finding.last_seen) plan.last_seen.push_back({finding.row, last_seen_of(finding)});
    }
    return plan;
}

bool Reconciliation::holds_at_observation(const KnownFinding& finding) const {
    return (!finding.found_on || *finding.found_on <= observed_on_) &&
           (!finding.invalidated_on || *finding.invalidated_on > observed_on_);
}

std::optional<std::int64_t> Reconciliation::end_of(const SeenFinding& seen,
                                                   std::size_t first) const {
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    std::int64_t end = kNever;
    for (std::size_t i = first; i != kNone; i = next_[i]) {
        const std::optional<std::int64_t> found_on = known_[i].found_on;
        if (found_on && *found_on > observed_on_) end = std::min(end, *found_on);
    }
    for (const PastObservation& newer : newer_) {
        if (newer.observed_on >= end) break;
        if (looked_at(newer.coverage, seen.scanner, seen.location)) {
            end = newer.observed_on;
            break;
        }
    }
    return end == kNever ? std::nullopt : std::optional(end);
}

std::int64_t Reconciliation::last_seen_of(const KnownFinding& finding) const {
    if (finding.last_seen) return *finding.last_seen;
    return std::max(previous_.value_or(observed_on_), finding.found_on.value_or(observed_on_));
}

}  // namespace vmsecurity::findings
