#include "codec/compression.h"

namespace vmsecurity::codec {
namespace {

using base::ErrorCode;

std::string sample(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 2654435761U) + ",";
    text.resize(size);
    return text;
}

std::string packed_in_pieces(std::string_view text, std::size_t piece) {
    std::string out;
    ZstdWriter writer([&](std::string_view bytes) {
        out += bytes;
        return base::Result<void>{};
    });
    while (!text.empty()) {
        EXPECT_TRUE(writer.write(text.substr(0, piece)));
        text.remove_prefix(std::min(piece, text.size()));
    }
    EXPECT_TRUE(writer.finish());
    return out;
}

base::Result<std::string> unpacked_in_pieces(std::string_view packed, std::size_t piece) {
    ZstdReader reader([&](char* buffer, std::size_t size) -> base::Result<std::size_t> {
        const std::size_t count = std::min({size, piece, packed.size()});
        std::copy_n(packed.data(), count, buffer);
        packed.remove_prefix(count);
        return count;
    });
    std::string out;
    std::array<char, 1000> buffer{};
    for (;;) {
        VMSECURITY_ASSIGN(const std::size_t count, reader.read(buffer.data(), buffer.size()));
        if (count == 0) return out;
        out.append(buffer.data(), count);
    }
}

TEST(Compression, RoundTripsAnySize) {
    for (const std::size_t size : {0UL, 1UL, 200UL, 131'072UL, 3'000'000UL}) {
        const std::string text = sample(size);
        const auto packed = compress_zstd(text);
        ASSERT_TRUE(packed);
        EXPECT_EQ(decompress_zstd(*packed, size), text);
        EXPECT_EQ(unpacked_in_pieces(*packed, 777), text);
        EXPECT_EQ(decompress_zstd(packed_in_pieces(text, 1013), size), text);
    }
}

TEST(Compression, StopsAtTheLimitWhetherOrNotTheFrameStatesItsSize) {
    const std::string zeros(10'000'000, '0');
    EXPECT_EQ(decompress_zstd(*compress_zstd(zeros), 9'999'999).error().code,
              ErrorCode::kLimitExceeded);
    EXPECT_EQ(decompress_zstd(packed_in_pieces(zeros, 65'536), 9'999'999).error().code,
              ErrorCode::kLimitExceeded);
}

TEST(Compression, TellsDamageFromTruncation) {
    std::string packed = *compress_zstd(sample(100'000));
    const std::string_view part = std::string_view(packed).substr(0, packed.size() - 5);
    EXPECT_EQ(decompress_zstd(part, 1U << 20).error().code, ErrorCode::kTruncated);
    EXPECT_EQ(unpacked_in_pieces(part, 100).error().code, ErrorCode::kTruncated);
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
    EXPECT_EQ(decompress_zstd(packed, 1U << 20).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(unpacked_in_pieces(packed, 100).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(decompress_zstd("no zstd at all", 1U << 20).error().code, ErrorCode::kCorrupt);
}

TEST(Compression, GivesTheSinksError) {
    ZstdWriter writer([](std::string_view) {
        return base::Result<void>(base::fail(ErrorCode::kIo, "disk full"));
    });
    auto result = writer.write(sample(1'000'000));
    if (result) result = writer.finish();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "disk full");
}

}  // namespace
}  // namespace vmsecurity::codec
