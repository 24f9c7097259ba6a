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

TEST(FormatTime, IsRfc3339InUtc) {
    using namespace std::chrono;
    EXPECT_EQ(format_time(system_clock::time_point(seconds(0))), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_time(system_clock::time_point(seconds(1709164800))), "2024-02-29T00:00:00Z");
}

}  // namespace
}  // namespace vmsecurity::base
