#include "advisoryserver/handlers.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace vmsecurity::advisoryserver {
namespace {

constexpr std::chrono::sys_seconds kBuilt{std::chrono::seconds(1'000'000)};

BuildState built() {
    auto file = std::make_shared<AdvisoryFile>();
    file->size = 10;
    file->sha256 = "ab";
    file->built_on = "1970-01-12T13:46:40Z";
    file->built = kBuilt;
    file->records = 7;
    file->sources = R"([{"name":"a"}])";
    BuildState state;
    state.file = std::move(file);
    return state;
}

TEST(AdvisoryInfo, SaysHowOldTheFileIs) {
    const auto fresh = codec::parse_json(
        info_json(built(), kBuilt + std::chrono::seconds(60), std::chrono::seconds(60)));
    ASSERT_TRUE(fresh);
    EXPECT_EQ(fresh->at("ageSeconds").as_int64(), 60);
    EXPECT_FALSE(fresh->at("stale").as_bool());
    EXPECT_EQ(fresh->at("sources").as_array().size(), 1);
    const auto old = codec::parse_json(
        info_json(built(), kBuilt + std::chrono::seconds(61), std::chrono::seconds(60)));
    ASSERT_TRUE(old);
    EXPECT_TRUE(old->at("stale").as_bool());
}

TEST(AdvisoryInfo, IsNeverYoungerThanNow) {
    const auto info = codec::parse_json(info_json(built(), kBuilt - std::chrono::hours(1), {}));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->at("ageSeconds").as_int64(), 0);
}

TEST(AdvisoryInfo, IsThereWithoutAFile) {
    BuildState state;
    state.error = "\"broken\"";
    state.next = kBuilt;
    const auto info = codec::parse_json(info_json(state, kBuilt, {}));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->at("error").as_string(), "\"broken\"");
    EXPECT_EQ(info->at("nextBuildOn").as_string(), "1970-01-12T13:46:40Z");
    EXPECT_FALSE(info->as_object().contains("ageSeconds"));
}

TEST(AdvisoryMetrics, HaveNoAgeWithoutAFile) {
    EXPECT_EQ(metrics_text({}, kBuilt).find("age_seconds"), std::string::npos);
    EXPECT_NE(metrics_text(built(), kBuilt + std::chrono::seconds(5))
                  .find("\nvmsecurity_advisories_age_seconds 5\n"),
              std::string::npos);
}

}  // namespace
}  // namespace vmsecurity::advisoryserver
