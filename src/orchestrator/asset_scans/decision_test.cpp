#include "orchestrator/asset_scans/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace vmsecurity::orchestrator {
namespace {

using std::chrono::seconds;
using enum AssetScanAction;
using State = AssetScanState;

const Time kNow = Time{} + std::chrono::hours(1000);
const AssetScanLimits kLimits{
    .attempts = 3, .heartbeat = seconds(120), .delete_policy = DeletePolicy::kAlways};

AssetScanFacts in(State state) {
    AssetScanFacts facts;
    facts.state = state;
    facts.since = kNow - seconds(10);
    facts.attempts = holds_slot(state) ? 1 : 0;
    return facts;
}

const std::vector<State> kActive = {State::kPending, State::kScheduled, State::kReadyToScan,
                                    State::kInProgress};

TEST(AssetScanDecision, GoesItsWay) {
    EXPECT_EQ(decide(in(State::kPending), kLimits, kNow).action, kSchedule);
    EXPECT_EQ(decide(in(State::kScheduled), kLimits, kNow).action, kStart);
    EXPECT_EQ(decide(in(State::kReadyToScan), kLimits, kNow).action, kWatch);
    EXPECT_EQ(decide(in(State::kInProgress), kLimits, kNow).action, kWatch);
    EXPECT_EQ(decide(in(State::kDone), kLimits, kNow).action, kCleanUp);
    EXPECT_EQ(decide(in(State::kFailed), kLimits, kNow).action, kCleanUp);
    EXPECT_EQ(decide(in(State::kNotScanned), kLimits, kNow).action, kLeave);
}

TEST(AssetScanDecision, WaitsForASlotBeforeItIsScheduledAndNotAfter) {
    for (const State state : kActive) {
        AssetScanFacts facts = in(state);
        facts.slot_free = false;
        const auto action = decide(facts, kLimits, kNow).action;
        EXPECT_EQ(action == kWaitForSlot, state == State::kPending);
    }
    for (const State state :
         {State::kScheduled, State::kReadyToScan, State::kInProgress, State::kAborted}) {
        EXPECT_TRUE(holds_slot(state));
    }
    for (const State state : {State::kPending, State::kDone, State::kFailed, State::kNotScanned}) {
        EXPECT_FALSE(holds_slot(state));
    }
}

TEST(AssetScanDecision, WhatMayNotGoOnFailsInWhicheverStateItIs) {
    for (const State state : kActive) {
        for (const auto& [phase, reason] :
             std::vector<std::pair<ScanPhase, std::string>>{{ScanPhase::kAborted, "aborted"},
                                                            {ScanPhase::kTimedOut, "timed out"},
                                                            {ScanPhase::kEnded, "ended"},
                                                            {ScanPhase::kGone, "deleted"}}) {
            AssetScanFacts facts = in(state);
            facts.scan = phase;
            const auto decision = decide(facts, kLimits, kNow);
            EXPECT_EQ(decision.action, kFail);
            EXPECT_THAT(decision.reason, testing::HasSubstr(reason));
        }
        AssetScanFacts late = in(state);
        late.deadline = kNow;
        EXPECT_EQ(decide(late, kLimits, kNow).action, kFail);
        late.deadline = kNow + seconds(1);
        EXPECT_NE(decide(late, kLimits, kNow).action, kFail);
    }
    const auto aborted = decide(in(State::kAborted), kLimits, kNow);
    EXPECT_EQ(aborted.action, kFail);
    EXPECT_EQ(aborted.reason, "it was aborted");
}

TEST(AssetScanDecision, AScannerThatIsLostIsTriedAgainUpToTheLimit) {
    for (const State state : {State::kReadyToScan, State::kInProgress}) {
        std::vector<AssetScanFacts> lost(3, in(state));
        lost[0].scanner = {providers::ScannerState::kEnded, "killed"};
        lost[1].scanner = {providers::ScannerState::kAbsent, ""};
        lost[2].since = kNow - seconds(1000);
        lost[2].heartbeat = kNow - kLimits.heartbeat;
        for (AssetScanFacts& facts : lost) {
            for (facts.attempts = 1; facts.attempts < kLimits.attempts; ++facts.attempts) {
                const auto decision = decide(facts, kLimits, kNow);
                EXPECT_EQ(decision.action, kRetry);
                EXPECT_FALSE(decision.reason.empty());
            }
            const auto last = decide(facts, kLimits, kNow);
            EXPECT_EQ(last.action, kFail);
            EXPECT_THAT(last.reason, testing::HasSubstr("attempt 3 of 3"));
        }
        EXPECT_THAT(decide(lost[0], kLimits, kNow).reason, testing::HasSubstr("killed"));
    }
}

TEST(AssetScanDecision, AScannerThatIsHeardOfIsLeftAlone) {
    AssetScanFacts facts = in(State::kInProgress);
    facts.since = kNow - std::chrono::hours(5);
    facts.heartbeat = kNow - seconds(5);
    facts.scanner = {providers::ScannerState::kRunning, ""};
    auto decision = decide(facts, kLimits, kNow);
    EXPECT_EQ(decision.action, kWatch);
    EXPECT_EQ(decision.until, *facts.heartbeat + kLimits.heartbeat);
    facts.deadline = kNow + seconds(3);
    decision = decide(facts, kLimits, kNow);
    EXPECT_EQ(decision.until, facts.deadline) << "whichever comes first";
    // Of an earlier attempt: the time since the start counts.
    AssetScanFacts again = in(State::kReadyToScan);
    again.heartbeat = kNow - std::chrono::hours(1);
    EXPECT_EQ(decide(again, kLimits, kNow).action, kWatch);
}

TEST(AssetScanDecision, CleanUpFollowsThePolicyAndComesToAnEnd) {
    for (const bool has_errors : {false, true}) {
        for (const State state : {State::kDone, State::kFailed}) {
            AssetScanFacts facts = in(state);
            facts.has_errors = has_errors;
            const bool succeeded = state == State::kDone && !has_errors;
            AssetScanLimits limits = kLimits;
            EXPECT_EQ(decide(facts, limits, kNow).action, kCleanUp);
            limits.delete_policy = DeletePolicy::kOnSuccess;
            EXPECT_EQ(decide(facts, limits, kNow).action, succeeded ? kCleanUp : kSkipCleanUp);
            limits.delete_policy = DeletePolicy::kNever;
            EXPECT_EQ(decide(facts, limits, kNow).action, kSkipCleanUp);
            for (const auto cleanup :
                 {CleanupState::kSkipped, CleanupState::kFailed, CleanupState::kDone}) {
                facts.cleanup = cleanup;
                EXPECT_EQ(decide(facts, kLimits, kNow).action, kLeave);
            }
        }
    }
    // However the scan has ended.
    AssetScanFacts facts = in(State::kDone);
    facts.scan = ScanPhase::kGone;
    facts.deadline = kNow - seconds(1);
    EXPECT_EQ(decide(facts, kLimits, kNow).action, kCleanUp);
}

TEST(AssetScanDecision, WhatSomebodyMadeByHandIsNotOurs) {
    for (const State state : {State::kPending, State::kReadyToScan, State::kInProgress,
                              State::kAborted, State::kDone}) {
        AssetScanFacts facts = in(state);
        facts.of_scan = false;
        EXPECT_EQ(decide(facts, kLimits, kNow).action, kLeave);
    }
}

TEST(AssetScanDecision, KnowsTheContractsWords) {
    for (const std::string_view word : {"NotScanned", "Pending", "Scheduled", "ReadyToScan",
                                        "InProgress", "Aborted", "Failed", "Done"}) {
        EXPECT_TRUE(parse_asset_scan_state(word)) << word;
    }
    EXPECT_FALSE(parse_asset_scan_state("done"));
    EXPECT_FALSE(parse_asset_scan_state(""));
    EXPECT_EQ(parse_cleanup_state("Skipped"), CleanupState::kSkipped);
    EXPECT_FALSE(parse_cleanup_state("Success"));
}

}  // namespace
}  // namespace vmsecurity::orchestrator
