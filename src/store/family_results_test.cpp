#include "store/family_results.h"

#include <gtest/gtest.h>

#include <vector>

namespace vmsecurity::store {
namespace {

std::string unpacked(const PackedJson& packed) {
    std::string text;
    EXPECT_TRUE(unpack_pieces(packed, [&](std::string_view piece) -> base::Result<void> {
        text += piece;
        return {};
    }));
    return text;
}

TEST(JsonPacker, GivesTheSameBytesHoweverTheTextIsCut) {
    std::string text;
    for (int i = 0; i < 60'000; ++i) text += "item " + std::to_string(i * 7919) + ", ";
    JsonPacker whole(1U << 20U);
    ASSERT_TRUE(whole.write(text));
    const auto expected = whole.finish().value();
    EXPECT_EQ(unpacked(expected), text);
    for (const std::size_t cut : {1UL, 1000UL, 131'072UL, 200'000UL}) {
        JsonPacker packer(1U << 20U);
        for (std::string_view rest = text; !rest.empty();
             rest.remove_prefix(std::min(cut, rest.size()))) {
            ASSERT_TRUE(packer.write(rest.substr(0, cut)));
        }
        EXPECT_EQ(packer.finish().value(), expected) << cut;
    }
}

TEST(JsonPacker, IsBounded) {
    JsonPacker packer(100);
    std::string noise;
    std::uint32_t state = 1;
    for (int i = 0; i < 400'000; ++i) {
        state = state * 1664525U + 1013904223U;
        noise += static_cast<char>(state >> 24U);
    }
    const auto written = packer.write(noise);
    const auto finished = packer.finish();
    ASSERT_FALSE(written && finished);
    EXPECT_EQ((written ? finished.error() : written.error()).code, base::ErrorCode::kLimitExceeded);
}

TEST(FamilyResults, ComeBackInLines) {
    for (const int count : {0, 1, 30'000}) {
        FamilyResultsPacker packer(1U << 20U);
        std::vector<std::string> items;
        for (int i = 0; i < count; ++i) {
            items.push_back(R"({"name":"n)" + std::to_string(i) + R"("})");
            ASSERT_TRUE(packer.add(items.back()));
        }
        const auto packed = packer.finish(R"({"a":1})");
        ASSERT_TRUE(packed);
        std::string head;
        std::vector<std::string> seen;
        ASSERT_TRUE(for_each_line(
            *packed,
            [&](std::string_view line) -> base::Result<void> {
                head += line;
                return {};
            },
            [&](std::string_view line) -> base::Result<void> {
                seen.emplace_back(line);
                return {};
            }));
        EXPECT_EQ(head, R"({"a":1})");
        EXPECT_EQ(seen, items);
        // Also by who unpacks it at once.
        EXPECT_EQ(unpack_separate(1, packed->data).value(), unpacked(*packed));
    }
}

}  // namespace
}  // namespace vmsecurity::store
