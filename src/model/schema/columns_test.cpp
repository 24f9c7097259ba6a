#include "model/schema/columns.h"

#include "model/schema/test_support.h"

namespace vmsecurity::model::schema {
namespace {

ColumnValue column_at(const Collection& collection, std::string_view path,
                      std::string_view document) {
    const auto values = column_values(collection, codec::parse_json(document).value().as_object());
    const auto found = std::ranges::find(collection.columns, path, &HotColumn::path);
    EXPECT_NE(found, collection.columns.end()) << path;
    return values.at(static_cast<std::size_t>(found - collection.columns.begin()));
}

const ColumnValue kNull;

TEST(Columns, TakeTheValueAtTheirPath) {
    const Collection& findings = api::kFindingsCollection;
    EXPECT_EQ(column_at(findings, "asset/id", R"({"asset":{"id":"a"}})"), ColumnValue("a"));
    EXPECT_EQ(column_at(findings, "foundOn", R"({"foundOn":"1970-01-01T00:00:01.5Z"})"),
              ColumnValue(std::int64_t{1'500'000'000}));
    EXPECT_EQ(
        column_at(findings, "enrichment/epss/score", R"({"enrichment":{"epss":{"score":1}}})"),
        ColumnValue(1.0));
    EXPECT_EQ(
        column_at(findings, "enrichment/kev/listed", R"({"enrichment":{"kev":{"listed":true}}})"),
        ColumnValue(true));
    EXPECT_EQ(column_at(api::kAssetsCollection, "summary/totalPackages",
                        R"({"summary":{"totalPackages":7.0}})"),
              ColumnValue(std::int64_t{7}));
}

TEST(Columns, RankSeveritiesOfAllKindsInOneOrder) {
    const auto rank = [](std::string_view word) {
        return std::get<std::int64_t>(
            column_at(api::kFindingsCollection, "findingInfo/severity",
                      R"({"findingInfo":{"severity":")" + std::string(word) + R"("}})"));
    };
    EXPECT_LT(rank("MEDIUM"), rank("HIGH"));
    EXPECT_LT(rank("MisconfigurationMediumSeverity"), rank("HIGH"));
    EXPECT_LT(rank("MisconfigurationHighSeverity"), rank("CRITICAL"));
    EXPECT_NE(rank("MisconfigurationHighSeverity"), rank("HIGH"));
}

TEST(Columns, AreNullWhereThereIsNoValueOfTheirType) {
    const Collection& findings = api::kFindingsCollection;
    EXPECT_EQ(column_at(findings, "asset/id", "{}"), kNull);
    EXPECT_EQ(column_at(findings, "asset/id", R"({"asset":"a"})"), kNull);
    EXPECT_EQ(column_at(findings, "asset/id", R"({"asset":{"id":5}})"), kNull);
    EXPECT_EQ(column_at(findings, "foundOn", R"({"foundOn":"soon"})"), kNull);
    EXPECT_EQ(column_at(findings, "findingInfo/severity", R"({"findingInfo":{"severity":"x"}})"),
              kNull);
}

TEST(Columns, HoldNoNul) {
    EXPECT_EQ(column_at(api::kScansCollection, "name", R"({"name":"\u0000a\u0000"})"),
              ColumnValue("\uFFFDa\uFFFD"));
}

}  // namespace
}  // namespace vmsecurity::model::schema
