#include "net/http/content_coding.h"

#include <gtest/gtest.h>

#include <string>

namespace vmsecurity::net {
namespace {

std::string encode(ContentCoding coding, std::string_view text) {
    std::string out;
    const auto encoder = make_encoder(coding);
    // In pieces, as a stream comes.
    for (std::size_t at = 0; at < text.size(); at += 1000) {
        encoder->encode(text.substr(at, 1000), false, out);
    }
    encoder->encode({}, true, out);
    return out;
}

class EachCoding : public ::testing::TestWithParam<ContentCoding> {};

TEST_P(EachCoding, GivesBackWhatItTook) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 31);
    const std::string coded = encode(GetParam(), text);
    EXPECT_LT(coded.size(), text.size());
    EXPECT_EQ(decode_content(GetParam(), coded, text.size()).value(), text);
    EXPECT_EQ(decode_content(GetParam(), encode(GetParam(), ""), 0).value(), "");
}

TEST_P(EachCoding, ReadsByteForByte) {
    const std::string coded = encode(GetParam(), "hello, world");
    const auto decoder = make_decoder(GetParam());
    std::string out;
    for (const char& c : coded) {
        EXPECT_FALSE(decoder->is_complete());
        char one[64];
        const auto step = decoder->decode({&c, 1}, one);
        ASSERT_TRUE(step.has_value()) << step.error().describe();
        EXPECT_EQ(step->consumed, 1U);
        out.append(one, step->produced);
    }
    EXPECT_TRUE(decoder->is_complete());
    EXPECT_EQ(out, "hello, world");
}

TEST_P(EachCoding, ReadsSeveralPartsAfterEachOther) {
    const std::string coded = encode(GetParam(), "one ") + encode(GetParam(), "two");
    EXPECT_EQ(decode_content(GetParam(), coded, 100).value(), "one two");
}

TEST_P(EachCoding, StopsABombAtItsLimit) {
    const std::string coded = encode(GetParam(), std::string(100 << 20, 'x'));
    EXPECT_LT(coded.size(), 1U << 20);
    EXPECT_EQ(decode_content(GetParam(), coded, 1 << 20).error().code,
              base::ErrorCode::kLimitExceeded);
}

TEST_P(EachCoding, NamesDamage) {
    std::string coded = encode(GetParam(), "hello, world");
    const std::string cut = coded.substr(0, coded.size() - 1);
    EXPECT_EQ(decode_content(GetParam(), cut, 100).error().code, base::ErrorCode::kCorrupt);
    EXPECT_EQ(decode_content(GetParam(), coded + "x", 100).error().code, base::ErrorCode::kCorrupt);
    EXPECT_EQ(decode_content(GetParam(), "", 100).error().code, base::ErrorCode::kCorrupt);
    coded[0] = 'x';
    EXPECT_EQ(decode_content(GetParam(), coded, 100).error().code, base::ErrorCode::kCorrupt);
}

INSTANTIATE_TEST_SUITE_P(All, EachCoding,
                         ::testing::Values(ContentCoding::kGzip, ContentCoding::kZstd),
                         [](const auto& coding) { return std::string(to_string(coding.param)); });

TEST(ContentCoding, RefusesAWindowThatIsTooLarge) {
    // A frame header with a window of 2^31 bytes (RFC 8878 §3.1.1.1.2: descriptor 0xA8).
    const std::string frame("\x28\xB5\x2F\xFD\x00\xA8\x01\x00\x00", 9);
    EXPECT_EQ(decode_content(ContentCoding::kZstd, frame, 100).error().code,
              base::ErrorCode::kCorrupt);
}

TEST(ContentCoding, IsChosenByWeight) {
    const auto choose = [](std::string_view header) {
        return to_string(choose_content_coding(header));
    };
    EXPECT_EQ(choose(""), "identity");
    EXPECT_EQ(choose("br, deflate"), "identity");
    EXPECT_EQ(choose("gzip, deflate, br"), "gzip");
    EXPECT_EQ(choose("gzip, zstd"), "zstd");
    EXPECT_EQ(choose("gzip;q=1.0, zstd;q=0.5"), "gzip");
    EXPECT_EQ(choose("GZIP ; q=0.001"), "gzip");
    EXPECT_EQ(choose("gzip;q=0"), "identity");
    EXPECT_EQ(choose("*"), "zstd");
    EXPECT_EQ(choose("*, zstd;q=0"), "gzip");
    EXPECT_EQ(choose("gzip;q=abc,,;"), "identity");
}

}  // namespace
}  // namespace vmsecurity::net
