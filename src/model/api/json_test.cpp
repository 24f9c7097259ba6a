#include "model/api/json.h"

#include "model/api/tables.h"
#include "model/schema/canonical.h"

namespace vmsecurity::model::api {
namespace {

boost::json::value json(std::string_view text) {
    return codec::parse_json(text).value();
}

TEST(Json, ReadsAnObjectAndWritesItsCanonicalText) {
    const std::string text =
        R"({"annotations":[{"key":"k","value":"v"}],)"
        R"("assetInfo":{"image":"ami-1","instanceID":"i-1","instanceProvider":"AWS",)"
        R"("instanceType":"t2.large","launchTime":"2023-01-20T15:46:18Z","location":"eu/vpc",)"
        R"("objectType":"VMInfo","platform":"Linux","rootVolume":{"encrypted":"No","sizeGB":8},)"
        R"("securityGroups":null,"tags":[{"key":"a","value":"b"}]},"id":"x","revision":7})";
    const base::Result<Asset> asset = from_json<Asset>(json(text));
    ASSERT_TRUE(asset.has_value()) << asset.error().describe();
    EXPECT_EQ(asset->revision, 7);
    const auto& info = std::get<VMInfo>(*asset->asset_info);
    EXPECT_EQ(info.instance_provider, CloudProvider::kAWS);
    EXPECT_TRUE(info.security_groups.is_null());
    EXPECT_EQ(info.tags->at(0).value, "b");
    EXPECT_EQ(schema::canonical_text(kAssetSchema, write(*asset).get_object()), text);
}

TEST(Json, TellsAbsentFromNull) {
    const auto absent = from_json<Scan>(json("{}"));
    const auto null = from_json<Scan>(json(R"({"assetIDs":null})"));
    EXPECT_TRUE(absent->asset_ids.is_absent());
    EXPECT_TRUE(null->asset_ids.is_null());
    EXPECT_NE(*absent, *null);
    EXPECT_EQ(boost::json::serialize(write(*null)), R"({"assetIDs":null})");
    EXPECT_EQ(boost::json::serialize(write(*absent)), "{}");
}

TEST(Json, PassesOverWhatItDoesNotKnow) {
    EXPECT_TRUE(from_json<Scan>(json(R"({"name":"x","later":{"a":1}})")).has_value());
}

TEST(Json, SaysWhichMemberIsWrong) {
    const struct {
        std::string_view text, where, reason;
    } cases[] = {
        {R"({"assetInfo":{"objectType":"X"}})", "/assetInfo/objectType", "must be one of VMInfo"},
        {R"({"assetInfo":{"objectType":"DirInfo","dirName":5}})", "/assetInfo/dirName",
         "must be text"},
        {R"({"providers":[{},{"revision":1.5}]})", "/providers/1/revision", "whole number"},
        {R"({"firstSeen":"yesterday"})", "/firstSeen", "RFC 3339"},
        {R"([])", "", "must be an object"},
    };
    for (const auto& one : cases) {
        const auto asset = from_json<Asset>(json(one.text));
        ASSERT_FALSE(asset.has_value()) << one.text;
        EXPECT_EQ(asset.error().where, one.where);
        EXPECT_THAT(asset.error().message, testing::HasSubstr(one.reason));
    }
}

TEST(Json, RelationsAreValues) {
    Finding finding;
    finding.asset.emplace().id = "a";
    Finding copy = finding;
    copy.asset->id = "b";
    EXPECT_EQ(finding.asset->id, "a");
    EXPECT_NE(copy, finding);
}

TEST(Json, EnumsKeepTheirWords) {
    EXPECT_EQ(to_string(AssetScanStateState::kFailed), "Failed");
    EXPECT_EQ(to_string(MisconfigurationSeverity::kMisconfigurationHighSeverity),
              "MisconfigurationHighSeverity");
    VulnerabilitySeverity severity{};
    EXPECT_TRUE(parse("CRITICAL", severity));
    EXPECT_EQ(severity, VulnerabilitySeverity::kCritical);
    EXPECT_FALSE(parse("critical", severity));
}

}  // namespace
}  // namespace vmsecurity::model::api
