#include "disk/test_support.h"

namespace vmsecurity::disk {
namespace {

using base::ErrorCode;
using test::TemporaryDirectory;

// A small image of 512-byte clusters, to be damaged.
class BadQcow2 : public testing::Test {
  protected:
    void SetUp() override {
        directory_.write("disk.raw", test::sample_disk(300'000, 5));
        directory_.run("qemu-img convert -f raw -O qcow2 -o cluster_size=512 disk.raw disk.qcow2");
        bytes_ = directory_.read("disk.qcow2");
    }

    void put(std::size_t offset, std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) {
            bytes_[offset + i] = static_cast<char>(value >> (8 * (width - 1 - i)));
        }
    }
    std::uint64_t get64(std::size_t offset) const {
        return base::load_be<std::uint64_t>(base::as_bytes(bytes_), offset);
    }

    // The error of opening the image and reading all of it.
    base::Error error() {
        directory_.write("bad.qcow2", bytes_);
        const auto image = test::open_image(directory_, "bad.qcow2");
        if (!image) return image.error();
        std::string all(image->blocks->size(), '?');
        const auto done = image->blocks->read(0, std::as_writable_bytes(std::span(all)));
        return done ? base::Error{ErrorCode::kInternal, "all was read", {}, {}} : done.error();
    }
    void expect(ErrorCode code, std::string_view message, std::string_view where) {
        const base::Error found = error();
        EXPECT_EQ(to_string(found.code), to_string(code)) << found.describe();
        EXPECT_THAT(found.message, testing::HasSubstr(std::string(message)));
        EXPECT_THAT(found.where, testing::HasSubstr(std::string(where)));
    }

    TemporaryDirectory directory_;
    std::string bytes_;
};

TEST_F(BadQcow2, CutOffInTheHeader) {
    bytes_.resize(60);
    expect(ErrorCode::kTruncated, "inside the qcow2 header", "bad.qcow2, offset 0");
}

TEST_F(BadQcow2, CutOffInTheData) {
    bytes_.resize(bytes_.size() * 3 / 4 / 512 * 512 + 100);
    expect(ErrorCode::kTruncated, "past the end of the file", "bad.qcow2, offset");
}

TEST_F(BadQcow2, CutOffBeforeTheL1Table) {
    bytes_.resize(get64(40) + 8);
    expect(ErrorCode::kTruncated, "L1 table ends past the file", fmt::format("{}", get64(40)));
}

TEST_F(BadQcow2, EncryptedIsNamed) {
    put(32, 2, 4);
    expect(ErrorCode::kUnsupported, "encrypted (LUKS)", "offset 32");
}

TEST_F(BadQcow2, FeaturesThatCannotBeReadAreNamed) {
    put(72, 4, 8);
    expect(ErrorCode::kUnsupported, "external file", "offset 72");
    put(72, 2, 8);
    expect(ErrorCode::kCorrupt, "marked corrupt", "offset 72");
    put(72, std::uint64_t{1} << 40U, 8);
    expect(ErrorCode::kUnsupported, "unknown qcow2 features (bits 0x10000000000)", "offset 72");
}

TEST_F(BadQcow2, DirtyIsReadable) {
    put(72, 1, 8);
    EXPECT_EQ(error().message, "all was read");
}

TEST_F(BadQcow2, OtherVersions) {
    put(4, 1, 4);
    expect(ErrorCode::kUnsupported, "qcow version 1", "offset 4");
}

TEST_F(BadQcow2, ClusterSizesOutOfRange) {
    for (const unsigned bits : {0U, 8U, 22U, 64U, 0xFFFFFFFFU}) {
        put(20, bits, 4);
        expect(ErrorCode::kCorrupt, "2^9 to 2^21", "offset 20");
    }
}

TEST_F(BadQcow2, SizesBeyondTheL1Table) {
    put(24, 400'000'000, 8);
    expect(ErrorCode::kCorrupt, "the L1 table has", "offset 36");
    put(24, UINT64_MAX, 8);
    expect(ErrorCode::kLimitExceeded, "needs an L1 table", "offset 24");
}

TEST_F(BadQcow2, TablesAndClustersOutsideTheFile) {
    const std::size_t l1 = get64(40);
    const std::uint64_t l2 = get64(l1) & 0x00FFFFFFFFFFFE00;
    const std::string intact = bytes_;
    put(l1, 0x0040000000000000, 8);
    expect(ErrorCode::kTruncated, "an L2 table lies past the end", "bad.qcow2");
    bytes_ = intact;
    for (std::size_t i = 0; i < 64; ++i) put(l2 + 8 * i, 0x0040000000000000, 8);
    expect(ErrorCode::kTruncated, "past the end of the file", "bad.qcow2");
    for (std::size_t i = 0; i < 64; ++i) put(l2 + 8 * i, 0x7FFFFFFFFFFFFFFF, 8);
    expect(ErrorCode::kTruncated, "a compressed cluster", "bad.qcow2");
    for (std::size_t i = 0; i < 64; ++i) put(l2 + 8 * i, 0x4000000000000000 | l2, 8);
    expect(ErrorCode::kCorrupt, "cannot be unpacked", "bad.qcow2");
}

TEST_F(BadQcow2, SharedL2TablesAreNotListedForEver) {
    // A header of 2^61 bytes whose L1 entries all name one table.
    std::string forged(8U << 20U, '\0');
    bytes_.swap(forged);
    bytes_.replace(0, 104, forged, 0, 104);
    put(20, 21, 4);
    put(24, std::uint64_t{1} << 58U, 8);
    put(36, 1U << 19U, 4);
    put(40, 2U << 20U, 8);
    for (std::size_t i = 0; i < 1U << 19U; ++i) put((2U << 20U) + 8 * i, 6U << 20U, 8);
    directory_.write("bad.qcow2", bytes_);
    const auto image = test::open_image(directory_, "bad.qcow2");
    ASSERT_TRUE(image) << image.error().describe();
    const auto ranges = image->blocks->allocated({0, UINT64_MAX});
    ASSERT_FALSE(ranges);
    EXPECT_EQ(ranges.error().code, ErrorCode::kCorrupt);
}

TEST_F(BadQcow2, RandomBytesBehindTheMagic) {
    std::mt19937_64 random(9);
    for (int i = 0; i < 200; ++i) {
        for (std::size_t at = 4; at < bytes_.size(); ++at) {
            if (at >= 104 || i % 2 == 0) bytes_[at] = static_cast<char>(random());
        }
        put(4, 3, 4);
        EXPECT_NE(error().message, "all was read");
    }
}

}  // namespace
}  // namespace vmsecurity::disk
