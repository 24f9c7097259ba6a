#include <fmt/format.h>

#include "store/contract/list_support.h"

namespace vmsecurity::store::testing {
namespace {

using base::ErrorCode;
using model::api::kAssetsCollection;
using model::api::kFindingsCollection;

class StoreLists : public StoreListTest {
  protected:
    void SetUp() override {
        StoreListTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        asset("a", "eu", "2023-01-20T15:46:18Z", 3);
        asset("b", "us", "2023-01-20T15:46:18.5Z", 1);
        asset("c", "eu", "2023-01-19T00:00:00Z", 2);
        insert(kAssetsCollection, "d", R"({"assetInfo":{"objectType":"DirInfo","dirName":"/x"}})");
    }

    void asset(std::string_view id, std::string_view location, std::string_view seen,
               int packages) {
        insert(
            kAssetsCollection, id,
            fmt::format(R"({{"assetInfo":{{"objectType":"VMInfo","instanceID":"i-{}",)"
                        R"("location":"{}"}},"lastSeen":"{}","summary":{{"totalPackages":{}}}}})",
                        id, location, seen, packages));
    }
    std::string assets(const odata::QueryText& text) { return ids(kAssetsCollection, text); }
};
VMSECURITY_STORE_SUITE(StoreLists);

TEST_P(StoreLists, FilterByColumnsAndDocuments) {
    EXPECT_EQ(assets({}), "a b c d");
    EXPECT_EQ(assets({.filter = "assetInfo/location eq 'eu'"}), "a c");
    EXPECT_EQ(assets({.filter = "lastSeen gt 2023-01-20T15:46:18Z"}), "b");
    EXPECT_EQ(assets({.filter = "lastSeen eq null"}), "d");
    EXPECT_EQ(assets({.filter = "assetInfo/dirName eq '/x' or summary/totalPackages ge 3"}), "a d");
    EXPECT_EQ(assets({.filter = "assetInfo/location eq '''; DROP TABLE assets; --'"}), "");
}

TEST_P(StoreLists, OrderSkipAndTop) {
    EXPECT_EQ(assets({.orderby = "lastSeen desc"}), "b a c d");
    EXPECT_EQ(assets({.orderby = "assetInfo/location desc,summary/totalPackages"}), "b c a d");
    EXPECT_EQ(assets({.orderby = "lastSeen desc", .top = "2", .skip = "1"}), "a c");
    EXPECT_EQ(assets({.skip = "3"}), "d");
    EXPECT_EQ(assets({.skip = "4"}), "");
    EXPECT_EQ(assets({.top = "9223372036854775807"}), "a b c d");
}

TEST_P(StoreLists, CountWhatMatchesWhateverThePage) {
    for (const auto& [top, skip, given] :
         {std::tuple{"1", "0", 1U}, {"0", "0", 0U}, {"9", "1", 1U}, {"9", "0", 2U}}) {
        const ListAnswer answer = list(
            kAssetsCollection,
            {.filter = "assetInfo/location eq 'eu'", .count = "true", .top = top, .skip = skip});
        EXPECT_EQ(answer.count, 2);
        EXPECT_EQ(answer.items.size(), given);
    }
    EXPECT_EQ(list(kAssetsCollection, {.count = "true"}).count, 4);
    EXPECT_EQ(list(kAssetsCollection, {.count = "false"}).count, std::nullopt);
    const ListAnswer empty = list(kAssetsCollection, {.top = "0"});
    EXPECT_TRUE(empty.items.empty());
    EXPECT_FALSE(empty.skiptoken);
}

TEST_P(StoreLists, SaysWhetherThereIsMore) {
    EXPECT_TRUE(list(kAssetsCollection, {.top = "3"}).skiptoken);
    EXPECT_FALSE(list(kAssetsCollection, {.top = "4"}).skiptoken);
    EXPECT_FALSE(list(kAssetsCollection, {}).skiptoken);
    EXPECT_FALSE(list(kAssetsCollection, {.top = "3"}).page_limited);
}

TEST_P(StoreLists, PageLimitHoldsWhereThereIsNoTop) {
    open_store({.page_limit = 3});
    const ListAnswer first = list(kAssetsCollection, {.count = "true"});
    EXPECT_EQ(ids(first.items), "a b c");
    EXPECT_EQ(first.count, 4);
    EXPECT_TRUE(first.page_limited);
    ASSERT_TRUE(first.skiptoken);
    const ListAnswer second = list(kAssetsCollection, {.skiptoken = *first.skiptoken});
    EXPECT_EQ(ids(second.items), "d");
    EXPECT_FALSE(second.page_limited);
    EXPECT_FALSE(list(kAssetsCollection, {.top = "4"}).page_limited);
    EXPECT_EQ(list(kAssetsCollection, {.apply = "groupby((id))"}).items.size(), 4U);
}

TEST_P(StoreLists, RefusesTokensOfOtherLists) {
    const ListAnswer first = list(kAssetsCollection, {.orderby = "lastSeen", .top = "1"});
    ASSERT_TRUE(first.skiptoken);
    for (const std::string& token : {*first.skiptoken, std::string("AAAA")}) {
        const auto query =
            bound(kAssetsCollection, {.orderby = "lastSeen desc", .skiptoken = token});
        const auto answer = store().list(kAssetsCollection, query, soon());
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
        EXPECT_EQ(answer.error().where.substr(0, 10), "$skiptoken");
    }
}

// Rows that move behind, in front of and out of the place where a page ended.
TEST_P(StoreLists, TokensAreStableUnderWrites) {
    const odata::QueryText text = {.orderby = "summary/totalPackages desc,id", .top = "2"};
    for (int i = 10; i < 30; ++i) asset(numbered("n", i), "eu", "2023-01-19T00:00:00Z", i);
    std::vector<std::string> seen;
    odata::QueryText page = text;
    std::string token;
    for (int step = 0;; ++step) {
        const ListAnswer answer = list(kAssetsCollection, page);
        for (const std::string& item : answer.items) seen.push_back(ids({item}));
        if (!answer.skiptoken) break;
        token = *answer.skiptoken;
        page.skiptoken = token;
        asset(numbered("in-front", step), "eu", "2023-01-19T00:00:00Z", 1000 + step);
        if (seen.back().starts_with("n-")) remove(kAssetsCollection, seen.back());
    }
    std::vector<std::string> expected;
    for (int i = 29; i >= 10; --i) expected.push_back(numbered("n", i));
    expected.insert(expected.end(), {"a", "c", "b", "d"});
    EXPECT_EQ(seen, expected);
}

TEST_P(StoreLists, GroupsAndAggregates) {
    const auto groups = list(
        kAssetsCollection,
        {.orderby = "assetInfo/location desc",
         .apply =
             "groupby((assetInfo/location),aggregate($count as n,summary/totalPackages with sum "
             "as packages,summary/totalPackages with average as mean,lastSeen with max as last))",
         .count = "true"});
    EXPECT_EQ(groups.count, 3);
    ASSERT_EQ(groups.items.size(), 3U);
    EXPECT_EQ(groups.items[0], R"({"assetInfo":{"location":"us"},"n":1,"packages":1,"mean":1,)"
                               R"("last":"2023-01-20T15:46:18.5Z"})");
    EXPECT_EQ(groups.items[1], R"({"assetInfo":{"location":"eu"},"n":2,"packages":5,"mean":2.5,)"
                               R"("last":"2023-01-20T15:46:18Z"})");
    EXPECT_EQ(groups.items[2],
              R"({"assetInfo":{"location":null},"n":1,"packages":null,"mean":null,"last":null})");
    const auto second = list(kAssetsCollection, {.orderby = "n desc",
                                                 .apply = "groupby((assetInfo/location),"
                                                          "aggregate($count as n))",
                                                 .count = "true",
                                                 .top = "1"});
    EXPECT_EQ(second.count, 3);
    ASSERT_EQ(second.items.size(), 1U);
    EXPECT_EQ(second.items[0], R"({"assetInfo":{"location":"eu"},"n":2})");
    EXPECT_EQ(ids(kAssetsCollection, {.apply = "filter(assetInfo/location eq 'us')"}), "b");
}

TEST_P(StoreLists, RanksOfGroupsAreWords) {
    for (const auto& [id, severity] :
         {std::pair{"f1", "LOW"}, {"f2", "CRITICAL"}, {"f3", "CRITICAL"}, {"f4", "MEDIUM"}}) {
        insert(kFindingsCollection, id,
               fmt::format(R"({{"findingInfo":{{"objectType":"Vulnerability",)"
                           R"("severity":"{}","vulnerabilityName":"CVE-{}"}}}})",
                           severity, id));
    }
    const auto groups = list(kFindingsCollection,
                             {.orderby = "findingInfo/severity desc",
                              .apply = "groupby((findingInfo/severity),aggregate($count as n))"});
    ASSERT_EQ(groups.items.size(), 3U);
    EXPECT_EQ(groups.items[0], R"({"findingInfo":{"severity":"CRITICAL"},"n":2})");
    EXPECT_EQ(groups.items[2], R"({"findingInfo":{"severity":"LOW"},"n":1})");
    EXPECT_EQ(filtered(kFindingsCollection, "findingInfo/severity ge 'MEDIUM'"), "f2 f3 f4");
    EXPECT_EQ(filtered(kFindingsCollection, "contains(findingInfo/vulnerabilityName,'E-f3')"),
              "f3");
    EXPECT_EQ(list(kFindingsCollection,
                   {.filter = "findingInfo/severity eq 'CRITICAL'", .count = "true", .top = "1"})
                  .count,
              2);
}

TEST_P(StoreLists, ForEachVisitsEveryRowOnceInOrder) {
    write([&](Transaction& transaction) -> base::Result<void> {
        for (int i = 0; i < 2500; ++i) {
            VMSECURITY_TRY(transaction.insert(
                kAssetsCollection, {.id = numbered("n", i), .document = json_object("{}")}));
        }
        return {};
    });
    const auto visited = [&](const odata::QueryText& text, std::size_t stop_after = SIZE_MAX) {
        std::vector<std::string> items;
        const auto done = store().for_each(kAssetsCollection, bound(kAssetsCollection, text),
                                           [&](std::string_view item) {
                                               items.emplace_back(item);
                                               return items.size() < stop_after;
                                           });
        EXPECT_TRUE(done) << done.error().describe();
        return items;
    };
    const auto all = visited({.orderby = "id desc", .select = "id"});
    ASSERT_EQ(all.size(), 2504U);
    EXPECT_EQ(all.front(), R"({"id":"n-2499"})");
    EXPECT_EQ(all.back(), R"({"id":"a"})");
    EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::greater{}));
    EXPECT_EQ(visited({.top = "1500", .skip = "10"}).size(), 1500U);
    EXPECT_EQ(visited({.top = "1000"}).size(), 1000U);
    EXPECT_EQ(visited({.top = "0"}).size(), 0U);
    EXPECT_EQ(visited({.skip = "1600"}).size(), 904U);
    EXPECT_EQ(visited({}, 7).size(), 7U);
    EXPECT_EQ(visited({.apply = "groupby((assetInfo/location))"}).size(), 3U);
}

// The visitor writes: no snapshot and no lock is held meanwhile.
TEST_P(StoreLists, ForEachLetsItsVisitorWrite) {
    std::size_t visits = 0;
    const auto done = store().for_each(kAssetsCollection, bound(kAssetsCollection, {}),
                                       [&](std::string_view item) {
                                           remove(kAssetsCollection, ids({std::string(item)}));
                                           ++visits;
                                           return true;
                                       });
    EXPECT_TRUE(done);
    EXPECT_EQ(visits, 4U);
    EXPECT_EQ(assets({}), "");
}

}  // namespace
}  // namespace vmsecurity::store::testing
