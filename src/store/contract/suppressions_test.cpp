#include "store/findings/suppressions.h"

#include <fmt/format.h>

#include <random>
#include <set>

#include "sql/query.h"
#include "store/clock.h"
#include "store/contract/list_support.h"
#include "store/findings_store.h"
#include "store/settle_suppressions.h"

namespace vmsecurity::store::testing {
namespace {

using findings::FindingType;
using model::api::kAssetsCollection;
using model::api::kFindingsCollection;
using model::api::kSuppressionsCollection;

// What a suppressed finding is no part of: its asset's summary, and findingImpacts.
class StoreSuppressions : public StoreListTest {
  protected:
    void see(std::string_view asset, std::int64_t day, const std::vector<std::string>& names,
             std::string_view severity = "HIGH") {
        write([&](Transaction& transaction) -> base::Result<void> {
            std::vector<findings::ObservedFinding> seen;
            for (const std::string& name : names) {
                boost::json::object item;
                item["findingInfo"] = boost::json::object{{"objectType", "Vulnerability"},
                                                          {"package", {{"name", "p"}}},
                                                          {"severity", severity},
                                                          {"vulnerabilityName", name}};
                seen.push_back(*findings::observe_item(FindingType::kVulnerability, item));
            }
            VMSECURITY_TRY(reconcile_findings(transaction,
                                              {.asset_scan_id = fmt::format("{}-{}", asset, day),
                                               .asset_id = std::string(asset),
                                               .scan_id = {},
                                               .type = FindingType::kVulnerability,
                                               .observed_on = day * 86'400'000'000'000,
                                               .coverage = {{"", "", true}}},
                                              seen));
            return {};
        });
    }
    void suppress(std::string_view id, std::string_view filter) {
        insert(kSuppressionsCollection, id,
               fmt::format(R"({{"filter":"{}","reason":"r"}})", filter));
        settle();
    }
    void settle() {
        const auto settled = settle_suppressions(store(), soon());
        ASSERT_TRUE(settled) << settled.error().describe();
    }
    // "HIGH LOW" of the asset's summary.
    std::string summary(std::string_view asset) {
        const auto item = store().get(kAssetsCollection, asset, soon());
        if (!item) return item.error().describe();
        const auto document = json_object(item->document);
        const auto& counts = document.at("summary").at("totalVulnerabilities").as_object();
        return fmt::format("{} {}", counts.at("totalHighVulnerabilities").to_number<int>(),
                           counts.at("totalLowVulnerabilities").to_number<int>());
    }
    // "CVE-1=2 CVE-2=1": on how many assets each is, as the counts say.
    std::string impacts() {
        std::set<std::string> names;
        std::string text;
        const auto read = database().read(
            [&](sql::Connection& connection) {
                return connection.query(
                    "SELECT sample, affected_assets FROM finding_impact_counts", {},
                    [&](const sql::Row& row) {
                        const auto info = json_object(row.text(0));
                        names.insert(fmt::format("{}={}",
                                                 codec::text_member(info, "vulnerabilityName"),
                                                 row.integer(1)));
                        return true;
                    });
            },
            soon());
        EXPECT_TRUE(read);
        for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
        return text;
    }
    std::string recounted() {
        write([](Transaction& transaction) { return recount_findings(transaction.connection()); });
        return impacts();
    }
};
VMSECURITY_STORE_SUITE(StoreSuppressions);

TEST_P(StoreSuppressions, TakeFindingsOutOfTheCountsAndGiveThemBack) {
    for (const std::string_view asset : {"a", "b"}) insert(kAssetsCollection, asset, "{}");
    see("a", 1, {"CVE-1", "CVE-2"});
    see("b", 1, {"CVE-1"});
    ASSERT_EQ(summary("a"), "2 0");
    ASSERT_EQ(impacts(), "CVE-1=2 CVE-2=1");
    suppress("s", "findingInfo/vulnerabilityName eq 'CVE-1'");
    EXPECT_EQ(summary("a"), "1 0");
    EXPECT_EQ(summary("b"), "0 0");
    EXPECT_EQ(impacts(), "CVE-2=1");
    // The list and its count still have them.
    EXPECT_EQ(list(kFindingsCollection, {.count = "true", .top = "0"}).count, 3);
    // One that comes later does not count either.
    see("b", 2, {"CVE-1", "CVE-2"});
    EXPECT_EQ(summary("b"), "1 0");
    EXPECT_EQ(impacts(), "CVE-2=2");
    remove(kSuppressionsCollection, "s");
    settle();
    EXPECT_EQ(summary("a"), "2 0");
    EXPECT_EQ(summary("b"), "2 0");
    EXPECT_EQ(impacts(), "CVE-1=2 CVE-2=2");
}

TEST_P(StoreSuppressions, EndWhenTheyExpire) {
    insert(kAssetsCollection, "a", "{}");
    see("a", 1, {"CVE-1"});
    suppress("s", "true");
    ASSERT_EQ(summary("a"), "0 0");
    run("UPDATE suppressions SET expires_on = 1");
    settle();
    EXPECT_EQ(summary("a"), "1 0");
    EXPECT_EQ(impacts(), "CVE-1=1");
}

TEST_P(StoreSuppressions, FollowWhatFindingsSay) {
    insert(kAssetsCollection, "a", "{}");
    suppress("s", "findingInfo/severity eq 'LOW'");
    see("a", 1, {"CVE-1"}, "LOW");
    EXPECT_EQ(summary("a"), "0 0");
    EXPECT_EQ(impacts(), "");
    see("a", 2, {"CVE-1"}, "HIGH");
    EXPECT_EQ(summary("a"), "1 0");
    EXPECT_EQ(impacts(), "CVE-1=1");
    see("a", 3, {"CVE-1"}, "LOW");
    EXPECT_EQ(summary("a"), "0 0");
    EXPECT_EQ(impacts(), "");
    see("a", 4, {});
    EXPECT_EQ(summary("a"), "0 0");
    EXPECT_EQ(recounted(), "");
}

TEST_P(StoreSuppressions, OfMoreThanAChunkLeaveNoneBehind) {
    std::vector<std::string> names;
    for (int i = 0; i < 600; ++i) names.push_back(fmt::format("CVE-{}", i));
    insert(kAssetsCollection, "a", "{}");
    see("a", 1, names);
    suppress("s", "true");
    EXPECT_EQ(summary("a"), "0 0");
    EXPECT_EQ(impacts(), "");
    remove(kSuppressionsCollection, "s");
    settle();
    EXPECT_EQ(summary("a"), "600 0");
    EXPECT_EQ(number("SELECT count(*) FROM finding_impact_counts"), 600);
}

TEST_P(StoreSuppressions, CountAsARecountDoesWhateverHappens) {
    std::mt19937 random(7);
    const auto below = [&](int bound) {
        return std::uniform_int_distribution(0, bound - 1)(random);
    };
    const std::vector<std::string> assets = {"a", "b", "c"};
    for (const std::string& asset : assets) insert(kAssetsCollection, asset, "{}");
    std::vector<std::string> made;
    for (int step = 1; step <= 60; ++step) {
        SCOPED_TRACE(fmt::format("step {}", step));
        if (below(3) > 0) {
            std::vector<std::string> seen;
            for (int i = 0; i < 6; ++i) {
                if (below(2) == 0) seen.push_back(fmt::format("CVE-{}", i));
            }
            see(assets[static_cast<std::size_t>(below(3))], step, seen,
                below(3) == 0 ? "LOW" : "HIGH");
        } else if (made.size() < 3) {
            made.push_back(fmt::format("s-{}", step));
            suppress(made.back(),
                     below(2) == 0
                         ? "findingInfo/severity eq 'LOW'"
                         : fmt::format("findingInfo/vulnerabilityName eq 'CVE-{}'", below(6)));
        } else {
            remove(kSuppressionsCollection, made.front());
            made.erase(made.begin());
            settle();
        }
        const std::string counted = impacts();
        ASSERT_EQ(counted, recounted());
        for (const std::string& asset : assets) {
            const auto active = [&](int rank) {
                return number(fmt::format(
                    "SELECT count(*) FROM finding_rows WHERE asset_id = '{}' AND severity = {} "
                    "AND invalidated_on IS NULL AND suppressed_by IS NULL",
                    asset, rank));
            };
            if (number(fmt::format("SELECT count(*) FROM finding_rows WHERE asset_id = '{}'",
                                   asset)) > 0) {
                ASSERT_EQ(summary(asset), fmt::format("{} {}", active(5), active(1))) << asset;
            }
        }
    }
}

}  // namespace
}  // namespace vmsecurity::store::testing
