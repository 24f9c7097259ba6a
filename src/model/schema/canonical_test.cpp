#include "model/schema/canonical.h"

#include "model/schema/test_support.h"

namespace vmsecurity::model::schema {
namespace {

TEST(Canonical, GivesTheTextsOfTheCases) {
    for (const auto& one : testing_support::cases("canonical")) {
        const std::string text = canonical_text(one.schema(), one.content.at("in").as_object());
        EXPECT_EQ(text, one.content.at("out").as_string()) << one.name;
        const auto again = codec::parse_json(text);
        ASSERT_TRUE(again.has_value()) << one.name << again.error().describe();
        EXPECT_EQ(canonical_text(one.schema(), again->as_object()), text) << one.name;
    }
}

TEST(Canonical, WritesOneMember) {
    const Field& field = *api::kAssetScanSchema.find("coverage");
    EXPECT_EQ(canonical_text(field.type, boost::json::array{boost::json::object{
                                             {"state", "scanned"}, {"family", "sbom"}, {"x", 1}}}),
              R"([{"family":"sbom","state":"scanned"}])");
}

TEST(DropReadOnly, LeavesOfRelationsTheIdAlone) {
    auto body = codec::parse_json(R"({"revision":5,"name":"x","suppressedBy":{"id":"s"},
        "asset":{"id":"a","firstSeen":"2023-01-20T15:46:18Z","summary":{}},
        "findingInfo":{"objectType":"Package","name":"n"}})");
    drop_read_only(api::kFindingSchema, body->as_object());
    EXPECT_EQ(canonical_text(api::kFindingSchema, body->as_object()),
              R"({"asset":{"id":"a"},"findingInfo":{"name":"n","objectType":"Package"}})");
}

TEST(DropReadOnly, LooksIntoArrays) {
    auto body = codec::parse_json(R"({"providers":[{"id":"p","displayName":"d"}]})");
    drop_read_only(api::kAssetSchema, body->as_object());
    EXPECT_EQ(boost::json::serialize(*body), R"({"providers":[{"id":"p"}]})");
}

}  // namespace
}  // namespace vmsecurity::model::schema
