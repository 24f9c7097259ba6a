#include "findings/reconciliation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vmsecurity::findings {
namespace {

const std::vector<CoveredLocation> kAll = {{"", "", true}};
const std::vector<CoveredLocation> kNothing = {{"", "", false}};

struct Case {
    std::string_view why;
    std::vector<KnownFinding> known;
    std::vector<SeenFinding> seen;
    std::vector<CoveredLocation> coverage;
    std::vector<PastObservation> newer;
    std::string_view plan;  // one word an action, by row
};

std::string time(std::optional<std::int64_t> value) {
    return value ? std::to_string(*value) : "-";
}

// At time 50; the latest observation before was made at 40.
std::string plan_of(const Case& test) {
    Reconciliation reconciliation(50, test.coverage, test.known, test.newer, 40);
    std::string text;
    for (const SeenFinding& seen : test.seen) {
        const Decision decision = reconciliation.decide(seen);
        switch (decision.kind) {
            case Decision::Kind::kNew:
                text += fmt::format("new({},{},{}) ", seen.key, time(decision.invalidated_on),
                                    time(decision.last_seen));
                break;
            case Decision::Kind::kKnown:
                text += fmt::format("known({}) ", seen.key);
                break;
            case Decision::Kind::kChanged:
                text += fmt::format("changed({}) ", *decision.row);
                break;
            case Decision::Kind::kDuplicate:
                text += fmt::format("again({}) ", seen.key);
                break;
        }
    }
    const Plan plan = reconciliation.finish();
    for (const std::size_t place : plan.invalidate) {
        text += fmt::format("gone({}) ", reconciliation.known()[place].row);
    }
    for (const Plan::LastSeen& last : plan.last_seen) {
        text += fmt::format("last({},{}) ", last.row, time(last.time));
    }
    if (plan.unseen != 0) text += fmt::format("unseen={} ", plan.unseen);
    if (!text.empty()) text.pop_back();
    return text;
}

KnownFinding known(std::int64_t row, std::string key, std::optional<std::int64_t> found_on,
                   std::optional<std::int64_t> invalidated_on = {},
                   std::optional<std::int64_t> last_seen = {}) {
    return {.row = row,
            .key = std::move(key),
            .found_on = found_on,
            .invalidated_on = invalidated_on,
            .last_seen = last_seen};
}

TEST(Reconciliation, FollowsItsRules) {
    const PastObservation newer_all{.observed_on = 60, .coverage = kAll};
    const PastObservation newer_nothing{.observed_on = 55, .coverage = kNothing};
    KnownFinding of_grype = known(1, "a", 10);
    of_grype.scanner = "grype";
    KnownFinding in_var = known(1, "a", 10);
    in_var.location = "/var";
    KnownFinding other_words = known(1, "a", 10);
    other_words.content = 7;

    const Case cases[] = {
        {"first sight", {}, {{"a"}, {"b"}}, kAll, {}, "new(a,-,-) new(b,-,-)"},
        {"duplicates are one", {}, {{"a"}, {"a"}}, kAll, {}, "new(a,-,-) again(a)"},
        {"seen again: nothing is written", {known(1, "a", 10)}, {{"a"}}, kAll, {}, "known(a)"},
        {"vanished", {known(1, "a", 10)}, {}, kAll, {}, "gone(1)"},
        {"not looked for", {known(1, "a", 10)}, {}, kNothing, {}, "last(1,40) unseen=1"},
        {"no coverage said", {known(1, "a", 10)}, {}, {}, {}, "last(1,40) unseen=1"},
        {"still not looked for", {known(1, "a", 10, {}, 20)}, {}, kNothing, {}, "unseen=1"},
        {"seen after not having been looked for",
         {known(1, "a", 10, {}, 20)},
         {{"a"}},
         kAll,
         {},
         "known(a) last(1,-)"},
        {"one failed scanner of two",
         {of_grype},
         {},
         {{"grype", "", false}, {"trivy", "", true}},
         {},
         "last(1,40) unseen=1"},
        {"the other one failed",
         {of_grype},
         {},
         {{"grype", "", true}, {"trivy", "", false}},
         {},
         "gone(1)"},
        {"a truncated place",
         {in_var, known(2, "b", 10)},
         {},
         {{"", "", true}, {"", "/var", false}},
         {},
         "last(1,40) last(2,40) unseen=2"},
        {"comes back", {known(1, "a", 10, 30)}, {{"a"}}, kAll, {}, "new(a,-,-)"},
        {"found at the very time by another scan",
         {known(1, "a", 50)},
         {},
         kAll,
         {},
         "last(1,50) unseen=1"},
        {"without foundOn", {known(1, "a", {})}, {}, kAll, {}, "gone(1)"},
        {"says something else now", {other_words}, {{"a"}}, kAll, {}, "changed(1)"},
        {"twice valid: one says it",
         {other_words, known(2, "a", 20, {}, 45)},
         {{"a", "", "", 7}},
         kAll,
         {},
         "changed(2) last(2,-)"},
        {"invalidated later by a client", {known(1, "a", 10, 70)}, {{"a"}}, kAll, {}, "known(a)"},

        {"late: history until the next look", {}, {{"a"}}, kAll, {newer_all}, "new(a,60,50)"},
        {"late: nobody looked since", {}, {{"a"}}, kAll, {newer_nothing}, "new(a,-,50)"},
        {"late: the first one that looked",
         {},
         {{"a"}},
         kAll,
         {newer_nothing, newer_all},
         "new(a,60,50)"},
        {"late: until it was seen again",
         {known(1, "a", 60)},
         {{"a"}},
         kAll,
         {newer_nothing, newer_all},
         "new(a,60,50)"},
        {"late: invalidates nothing", {known(1, "a", 10)}, {}, kAll, {newer_all}, ""},
        {"late: known at that time", {known(1, "a", 10)}, {{"a"}}, kAll, {newer_all}, "known(a)"},
        {"late: known and gone since, seen longer",
         {known(1, "a", 10, 60, 40)},
         {{"a"}},
         kAll,
         {newer_all},
         "known(a) last(1,50)"},
        {"late: what it says is old", {other_words}, {{"a"}}, kAll, {newer_all}, "known(a)"},
    };
    for (const Case& test : cases) EXPECT_EQ(plan_of(test), test.plan) << test.why;
}

}  // namespace
}  // namespace vmsecurity::findings
