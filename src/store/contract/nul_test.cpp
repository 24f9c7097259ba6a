#include <array>

#include "store/contract/list_support.h"
#include "store/findings_store.h"
#include "store/settle_suppressions.h"

// U+0000 in a document: PostgreSQL fails a statement that looks into such a JSON text, SQLite's
// text functions stop at it. Scanners find such bytes in files.
namespace vmsecurity::store::testing {
namespace {

using findings::FindingType;
using model::api::kAssetsCollection;
using model::api::kFindingsCollection;
using model::api::kSuppressionsCollection;

class StoreNul : public StoreListTest {
  protected:
    void SetUp() override {
        StoreListTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        insert(kAssetsCollection, "a",
               R"({"assetInfo":{"objectType":"DirInfo","dirName":"\u0000"}})");
        write([](Transaction& transaction) -> base::Result<void> {
            std::array<findings::ObservedFinding, 1> seen = {*findings::observe_item(
                FindingType::kInfoFinder,
                json_object(
                    R"({"findingInfo":{"objectType":"InfoFinder","type":"SSHKnownHostFingerprint",)"
                    R"("path":"/x","data":"a\u0000b"},"evidence":{"line":"\u0000"}})"))};
            VMSECURITY_TRY(reconcile_findings(transaction,
                                              {.asset_scan_id = "s",
                                               .asset_id = "a",
                                               .scan_id = {},
                                               .type = FindingType::kInfoFinder,
                                               .observed_on = 1,
                                               .coverage = {{"", "", true}}},
                                              seen));
            return {};
        });
    }
    std::int64_t impacts() { return number("SELECT count(*) FROM finding_impact_counts"); }
    std::int64_t samples() {
        return number(std::string("SELECT count(*) FROM finding_impact_counts WHERE ") +
                      (is_sqlite() ? "instr" : "strpos") + R"((sample, 'a\u0000b') > 0)");
    }
    void set_terminated(bool terminated) {
        write([&](Transaction& transaction) -> base::Result<void> {
            VMSECURITY_ASSIGN(const auto item, transaction.find(kAssetsCollection, "a"));
            if (!item) return base::fail(base::ErrorCode::kNotFound, "the asset is gone");
            boost::json::object document = json_object(item->document);
            document.erase("terminatedOn");
            if (terminated) document["terminatedOn"] = "2024-01-01T00:00:00Z";
            return transaction.replace(
                kAssetsCollection,
                {.id = "a", .revision = item->revision + 1, .document = std::move(document)});
        });
    }
};
VMSECURITY_STORE_SUITE(StoreNul);

TEST_P(StoreNul, IsCountedLikeOthers) {
    EXPECT_EQ(samples(), 1);
    set_terminated(true);
    EXPECT_EQ(impacts(), 0);
    set_terminated(false);
    EXPECT_EQ(samples(), 1);
    write([](Transaction& transaction) { return recount_findings(transaction.connection()); });
    EXPECT_EQ(samples(), 1);
}

TEST_P(StoreNul, IsSuppressedLikeOthers) {
    insert(
        kSuppressionsCollection, "s",
        R"s({"filter":"findingInfo/path eq '/x' and contains(findingInfo/data,'b')","reason":"r"})s");
    ASSERT_TRUE(settle_suppressions(store(), soon()));
    EXPECT_EQ(impacts(), 0);
    remove(kSuppressionsCollection, "s");
    ASSERT_TRUE(settle_suppressions(store(), soon()));
    EXPECT_EQ(samples(), 1);
}

TEST_P(StoreNul, IsListedLikeOthers) {
    const auto items = list(kFindingsCollection, {.select = "findingInfo/data,asset",
                                                  .expand = "asset($select=assetInfo/dirName)"})
                           .items;
    ASSERT_EQ(items.size(), 1U);
    EXPECT_NE(items[0].find(R"("data":"a\u0000b")"), std::string::npos) << items[0];
    EXPECT_NE(items[0].find(R"("dirName":"\u0000")"), std::string::npos) << items[0];
    EXPECT_EQ(filtered(kAssetsCollection, "assetInfo/dirName eq 'x'"), "");
    EXPECT_EQ(filtered(kAssetsCollection, "assetInfo/objectType eq 'DirInfo'"), "a");
}

}  // namespace
}  // namespace vmsecurity::store::testing
