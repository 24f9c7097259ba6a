#include "odata/path_resolver.h"

#include "base/text.h"
#include "model/api/tables.h"

namespace vmsecurity::odata {
namespace {

base::Result<BoundPath> resolved(std::string_view collection, std::string_view path) {
    std::vector<Name> names;
    for (const std::string_view one : base::split(path, '/')) {
        names.push_back({std::string(one), 0});
    }
    const Start start{{}, model::api::find_collection(collection), nullptr, nullptr};
    return resolve_path(start, names, 0, "$filter");
}

std::string column_of(const Leg& leg) {
    return leg.column == nullptr ? std::string() : std::string(leg.column->name);
}

TEST(PathResolver, FindsTheColumnOfAPath) {
    const auto path = resolved("findings", "findingInfo/package/name");
    ASSERT_TRUE(path) << path.error().describe();
    ASSERT_EQ(path->legs.size(), 1U);
    EXPECT_EQ(column_of(path->legs[0]), "package_name");
    EXPECT_EQ(column_of(resolved("findings", "findingInfo/description")->legs[0]), "");
}

TEST(PathResolver, ALegEndsAtEachRelation) {
    const auto path = resolved("findings", "foundBy/scan/name");
    ASSERT_TRUE(path) << path.error().describe();
    ASSERT_EQ(path->legs.size(), 3U);
    EXPECT_EQ(column_of(path->legs[0]), "found_by_id");
    EXPECT_EQ(path->legs[1].collection->name, "assetScans");
    EXPECT_EQ(column_of(path->legs[1]), "scan_id");
    EXPECT_EQ(column_of(path->legs[2]), "name");
    EXPECT_EQ(path->text(), "foundBy/scan/name");
}

TEST(PathResolver, TheIdOfARelationIsInTheObjectItself) {
    const auto path = resolved("findings", "asset/id");
    ASSERT_TRUE(path) << path.error().describe();
    ASSERT_EQ(path->legs.size(), 1U);
    EXPECT_EQ(column_of(path->legs[0]), "asset_id");
}

TEST(PathResolver, VariantsThatMeanDifferentThingsAreKeptApart) {
    const auto text = resolved("assets", "assetInfo/image");
    ASSERT_TRUE(text) << text.error().describe();
    EXPECT_EQ(text->type->kind, schema::Kind::kString);
    ASSERT_EQ(text->legs[0].guards.size(), 1U);
    EXPECT_EQ(text->legs[0].guards[0].values, std::vector<std::string_view>{"VMInfo"});
    // Only a container's image has parts.
    const auto part = resolved("assets", "assetInfo/image/os");
    ASSERT_TRUE(part) << part.error().describe();
    EXPECT_EQ(part->type->kind, schema::Kind::kString);
    // All variants mean a text by it.
    EXPECT_TRUE(resolved("assets", "assetInfo/location")->legs[0].guards.empty());
}

TEST(PathResolver, WordsOfAUnionRankTogether) {
    const auto path = resolved("findings", "findingInfo/severity");
    ASSERT_TRUE(path && path->vocabulary);
    EXPECT_TRUE(path->vocabulary->ranked);
    EXPECT_LT(*path->vocabulary->rank("LOW"), *path->vocabulary->rank("CRITICAL"));
    EXPECT_FALSE(path->vocabulary->rank("low"));
    EXPECT_EQ(path->vocabulary->word(*path->vocabulary->rank("HIGH")), "HIGH");
    EXPECT_EQ(path->vocabulary->word(-1), "");
    EXPECT_EQ(path->vocabulary->word(1000), "");
}

}  // namespace
}  // namespace vmsecurity::odata
