#include "model/api/tables.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {
namespace {

using base::ErrorCode;
using base::fail;
using model::api::kAssetScansCollection;
using model::api::kAssetsCollection;
using model::api::kFindingsCollection;

class StoreCrud : public StoreTest {
  protected:
    std::string document(std::string_view id) {
        const auto item = store().get(kAssetsCollection, id, soon());
        return item ? item->document : item.error().describe();
    }
};
VMSECURITY_STORE_SUITE(StoreCrud);

constexpr std::string_view kAsset =
    R"({"assetInfo":{"objectType":"VMInfo","instanceID":"i-1","location":"eu"},)"
    R"("lastSeen":"2023-01-20T15:46:18Z","summary":{"totalPackages":7}})";

TEST_P(StoreCrud, StoresCanonicalDocumentsWithIdAndRevision) {
    insert(kAssetsCollection, "a", kAsset);
    EXPECT_EQ(document("a"),
              R"({"assetInfo":{"instanceID":"i-1","location":"eu","objectType":"VMInfo"},"id":"a",)"
              R"("lastSeen":"2023-01-20T15:46:18Z","revision":1,"summary":{"totalPackages":7}})");
    EXPECT_EQ(store().get(kAssetsCollection, "a", soon())->revision, 1);
    EXPECT_EQ(store().get(kAssetsCollection, "b", soon()).error().code, ErrorCode::kNotFound);
}

TEST_P(StoreCrud, WritesTheHotColumns) {
    insert(kAssetsCollection, "a", kAsset);
    EXPECT_EQ(
        number("SELECT last_seen FROM assets WHERE object_type = 'VMInfo' AND location = 'eu' "
               "AND instance_id = 'i-1' AND total_packages = 7 AND first_seen IS NULL"),
        1'674'229'578'000'000'000);
    write([](Transaction& transaction) {
        return transaction.replace(kAssetsCollection,
                                   {.id = "a", .revision = 2, .document = json_object("{}")});
    });
    EXPECT_EQ(number("SELECT count(*) FROM assets WHERE last_seen IS NULL AND location IS NULL"),
              1);
    EXPECT_EQ(document("a"), R"({"id":"a","revision":2})");
}

TEST_P(StoreCrud, RefusesASecondObjectWithTheSameUniqueKeyAndAnswersTheFirst) {
    insert(kAssetsCollection, "a", kAsset, "VMInfo/i-1/eu");
    std::optional<Item> other;
    write([&](Transaction& transaction) -> base::Result<void> {
        const auto result = transaction.insert(
            kAssetsCollection,
            {.id = "b", .unique_key = "VMInfo/i-1/eu", .document = json_object("{}")});
        EXPECT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
        EXPECT_EQ(result.error().where, "unique_key");
        VMSECURITY_ASSIGN(other,
                          transaction.find_by_unique_key(kAssetsCollection, "VMInfo/i-1/eu"));
        return {};
    });
    ASSERT_TRUE(other);
    EXPECT_EQ(other->id, "a");
    EXPECT_EQ(number("SELECT count(*) FROM assets"), 1);
}

TEST_P(StoreCrud, RefusesToReplaceIntoTheUniqueKeyOfAnotherAndGoesOn) {
    insert(kAssetsCollection, "a", "{}", "A");
    insert(kAssetsCollection, "b", "{}", "B");
    insert(kAssetsCollection, "c", "{}");
    insert(kAssetsCollection, "d", "{}");  // no key, like c
    write([&](Transaction& transaction) -> base::Result<void> {
        const auto result = transaction.replace(
            kAssetsCollection, {.id = "b", .revision = 2, .unique_key = "A", .document = {}});
        EXPECT_EQ(result.error().where, "unique_key");
        VMSECURITY_ASSIGN(const auto other, transaction.find_by_unique_key(kAssetsCollection, "A"));
        EXPECT_EQ(other->id, "a");
        return transaction.replace(kAssetsCollection,
                                   {.id = "b", .revision = 2, .unique_key = "B2", .document = {}});
    });
    insert(kAssetsCollection, "e", "{}", "B");  // is free again
    EXPECT_EQ(number("SELECT count(*) FROM assets WHERE unique_key IN ('A', 'B', 'B2')"), 3);
    EXPECT_EQ(document("b"), R"({"id":"b","revision":2})");
}

TEST_P(StoreCrud, TellsATakenIdFromATakenKey) {
    insert(kAssetsCollection, "a", "{}", "A");
    const auto result = store().write(
        [](Transaction& transaction) {
            return transaction.insert(kAssetsCollection, {.id = "a", .document = {}});
        },
        soon());
    EXPECT_EQ(result.error().where, "id");
}

TEST_P(StoreCrud, DoesNotReplaceOrRemoveWhatIsNotThere) {
    const auto result = store().write(
        [](Transaction& transaction) {
            return transaction.replace(kAssetsCollection, {.id = "x", .document = {}});
        },
        soon());
    EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
    bool removed = true;
    write([&](Transaction& transaction) -> base::Result<void> {
        VMSECURITY_ASSIGN(removed, transaction.remove(kAssetsCollection, "x"));
        return {};
    });
    EXPECT_FALSE(removed);
}

TEST_P(StoreCrud, RollsBackWhatAnErrorEnds) {
    insert(kAssetsCollection, "a", "{}");
    const auto result = store().write(
        [](Transaction& transaction) -> base::Result<void> {
            VMSECURITY_TRY(transaction.insert(kAssetsCollection, {.id = "b", .document = {}}));
            VMSECURITY_ASSIGN([[maybe_unused]] const bool removed,
                              transaction.remove(kAssetsCollection, "a"));
            return fail(ErrorCode::kInvalidArgument, "changed my mind");
        },
        soon());
    EXPECT_EQ(result.error().message, "changed my mind");
    EXPECT_EQ(document("a"), R"({"id":"a","revision":1})");
    EXPECT_EQ(number("SELECT count(*) FROM assets"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM changes"), 1);
}

TEST_P(StoreCrud, KeepsSeparateMembersInRowsOfTheirOwn) {
    const std::string packages(100'000, 'p');
    insert(kAssetScansCollection, "s",
           R"({"asset":{"id":"a"},"sboms":{"packages":[{"name":")" + packages +
               R"("}]},"secrets":{"secrets":[]}})");
    EXPECT_EQ(store().get(kAssetScansCollection, "s", soon(), true)->document,
              R"({"asset":{"id":"a"},"id":"s","revision":1})");
    EXPECT_EQ(store().get(kAssetScansCollection, "s", soon())->document,
              R"({"asset":{"id":"a"},"id":"s","revision":1,"sboms":{"packages":[{"name":")" +
                  packages + R"("}]},"secrets":{"secrets":[]}})");
    EXPECT_EQ(store().get_separate(kAssetScansCollection, "s", "secrets", soon()),
              R"({"secrets":[]})");
    EXPECT_LT(number("SELECT length(data) FROM asset_scan_results WHERE member = 'sboms'"), 1000);

    // A replacement without them keeps them; an empty text removes one.
    write([](Transaction& transaction) -> base::Result<void> {
        VMSECURITY_TRY(transaction.replace(
            kAssetScansCollection,
            {.id = "s", .revision = 2, .document = json_object(R"({"malware":{"malware":[]}})")}));
        return transaction.put_separate(kAssetScansCollection, "s", "sboms", "");
    });
    EXPECT_EQ(store().get(kAssetScansCollection, "s", soon())->document,
              R"({"id":"s","malware":{"malware":[]},"revision":2,"secrets":{"secrets":[]}})");
    EXPECT_EQ(store().get_separate(kAssetScansCollection, "s", "sboms", soon()).error().code,
              ErrorCode::kNotFound);

    remove(kAssetScansCollection, "s");
    EXPECT_EQ(number("SELECT count(*) FROM asset_scan_results"), 0);
}

}  // namespace
}  // namespace vmsecurity::store::testing
