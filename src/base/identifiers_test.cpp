#include "base/identifiers.h"

#include <gtest/gtest.h>

#include <set>

namespace vmsecurity::base {
namespace {

TEST(RandomUuid, HasItsShapeAndDoesNotRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string uuid = random_uuid();
        ASSERT_EQ(uuid.size(), 36u);
        EXPECT_EQ(uuid[14], '4') << uuid;
        EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
        EXPECT_TRUE(seen.insert(uuid).second);
    }
}

TEST(OrderedUuid, HasItsShapeAndDoesNotRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string uuid = ordered_uuid();
        ASSERT_EQ(uuid.size(), 36u);
        EXPECT_EQ(uuid[14], '7') << uuid;
        EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
        EXPECT_TRUE(seen.insert(uuid).second);
    }
}

TEST(OrderedUuid, BeginsWithTheTime) {
    using namespace std::chrono;
    const auto milliseconds = [] {
        return duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch())
            .count();
    };
    const auto before = milliseconds();
    const std::string uuid = ordered_uuid();
    const auto after = milliseconds();
    const auto told = std::stoll(uuid.substr(0, 8) + uuid.substr(9, 4), nullptr, 16);
    EXPECT_LE(before, told);
    EXPECT_LE(told, after);
}

TEST(FormatTime, IsRfc3339InUtc) {
    using namespace std::chrono;
    EXPECT_EQ(format_time(system_clock::time_point(seconds(0))), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_time(system_clock::time_point(seconds(1709164800))), "2024-02-29T00:00:00Z");
}

}  // namespace
}  // namespace vmsecurity::base
