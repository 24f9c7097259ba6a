#include <fmt/format.h>

#include "store/contract/list_support.h"

namespace vmsecurity::store::testing {
namespace {

using base::ErrorCode;
using model::api::kAssetScansCollection;
using model::api::kAssetsCollection;
using model::api::kScansCollection;

class StoreProjection : public StoreListTest {
  protected:
    void SetUp() override {
        StoreListTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        insert(kAssetsCollection, "a",
               R"({"assetInfo":{"objectType":"VMInfo","instanceID":"i-a"}})");
        insert(kScansCollection, "s", R"({"name":"nightly"})");
        insert(kAssetScansCollection, "1",
               R"({"asset":{"id":"a"},"scan":{"id":"s"},"sboms":{"packages":[]},)"
               R"("secrets":{"secrets":[]}})");
        insert(kAssetScansCollection, "2", R"({"asset":{"id":"gone"},"scan":{"id":"s"}})");
    }
    std::string item(const odata::QueryText& text) {
        const auto found =
            store().get(kAssetScansCollection, "1", bound(kAssetScansCollection, text), soon());
        return found ? found->document : found.error().describe();
    }
    std::vector<std::string> items(const odata::QueryText& text) {
        return list(kAssetScansCollection, text).items;
    }
};
VMSECURITY_STORE_SUITE(StoreProjection);

TEST_P(StoreProjection, ExpandsWhatIsThere) {
    const auto found = items({.select = "id", .expand = "asset($select=id),scan($select=name)"});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], R"({"asset":{"id":"a"},"id":"1","scan":{"name":"nightly"}})");
    EXPECT_EQ(found[1], R"({"id":"2","scan":{"name":"nightly"}})");
    EXPECT_NE(items({.expand = "asset"})[0].find(R"("instanceID":"i-a")"), std::string::npos);
    EXPECT_EQ(filtered(kAssetScansCollection, "asset/assetInfo/instanceID eq 'i-a'"), "1");
    EXPECT_EQ(ids(kAssetScansCollection, {.orderby = "asset/assetInfo/instanceID desc"}), "1 2");
}

TEST_P(StoreProjection, ListsHoldResultsOnlyWhereSelected) {
    EXPECT_EQ(items({})[0].find("sboms"), std::string::npos);
    EXPECT_EQ(items({.expand = "scan"})[0].find("sboms"), std::string::npos);
    const auto found = items({.select = "id,sboms"});
    EXPECT_EQ(found[0], R"({"id":"1","sboms":{"packages":[]}})");
    EXPECT_EQ(found[1], R"({"id":"2"})");
}

TEST_P(StoreProjection, ItemsHoldThemUnlessOthersAreSelected) {
    EXPECT_NE(item({.expand = "scan"}).find(R"("sboms":{"packages":[]})"), std::string::npos);
    EXPECT_EQ(item({.select = "id,secrets"}), R"({"id":"1","secrets":{"secrets":[]}})");
    EXPECT_EQ(item({.select = "id"}), R"({"id":"1"})");
    EXPECT_EQ(
        store()
            .get(kAssetScansCollection, "x", bound(kAssetScansCollection, {.select = "id"}), soon())
            .error()
            .code,
        ErrorCode::kNotFound);
}

TEST_P(StoreProjection, LongResultsEndThePageAndLoseNothing) {
    const std::string packages(30U << 20U, 'p');
    for (int i = 0; i < 5; ++i) {
        insert(kAssetScansCollection, numbered("large", i),
               R"({"sboms":{"packages":[{"name":")" + packages + R"("}]}})");
    }
    const odata::QueryText text = {.filter = "startswith(id,'large')", .select = "id,sboms"};
    const ListAnswer first = list(kAssetScansCollection, text);
    EXPECT_EQ(first.items.size(), 3U);  // the third goes beyond 64 MiB
    EXPECT_TRUE(first.page_limited);
    ASSERT_TRUE(first.skiptoken);
    odata::QueryText rest = text;
    rest.skiptoken = *first.skiptoken;
    EXPECT_EQ(ids(kAssetScansCollection, rest), "large-0003 large-0004");
    std::size_t visits = 0;
    EXPECT_TRUE(store().for_each(kAssetScansCollection, bound(kAssetScansCollection, text),
                                 [&](std::string_view) { return ++visits > 0; }));
    EXPECT_EQ(visits, 5U);
}

TEST_P(StoreProjection, ManyRelationsCostOneStatement) {
    write([&](Transaction& transaction) -> base::Result<void> {
        for (int i = 0; i < 300; ++i) {
            VMSECURITY_TRY(transaction.insert(
                kAssetsCollection,
                {.id = numbered("m", i),
                 .document = json_object(R"({"assetInfo":{"objectType":"DirInfo"}})")}));
            VMSECURITY_TRY(transaction.insert(
                kAssetScansCollection, {.id = numbered("of", i),
                                        .document = json_object(fmt::format(
                                            R"({{"asset":{{"id":"{}"}}}})", numbered("m", i)))}));
        }
        return {};
    });
    const auto found = items({.filter = "startswith(id,'of-')",
                              .select = "id",
                              .expand = "asset($select=id,assetInfo/objectType)"});
    ASSERT_EQ(found.size(), 300U);
    EXPECT_EQ(found[299],
              R"({"asset":{"assetInfo":{"objectType":"DirInfo"},"id":"m-0299"},"id":"of-0299"})");
}

}  // namespace
}  // namespace vmsecurity::store::testing
