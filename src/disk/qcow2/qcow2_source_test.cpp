#include "disk/qcow2/qcow2_source.h"

#include <atomic>
#include <random>
#include <thread>

#include "disk/test_support.h"

namespace vmsecurity::disk {
namespace {

using test::TemporaryDirectory;

constexpr std::size_t kDiskSize = 6'000'128;  // no multiple of any cluster's size

// The disk as `qemu-img` shows it, byte for byte, by reads large and small, and by what is
// allocated.
void expect_same(const BlockSource& blocks, const std::string& expected) {
    ASSERT_EQ(blocks.size(), expected.size());
    ASSERT_TRUE(test::read_text(blocks, 0, expected.size()) == expected);

    std::mt19937_64 random(7);
    for (int i = 0; i < 300; ++i) {
        const std::size_t offset = random() % expected.size();
        const std::size_t limit = i % 2 == 0 ? 5'000 : 300'000;
        const std::size_t length = std::min(random() % limit, expected.size() - offset);
        ASSERT_TRUE(test::read_text(blocks, offset, length) == expected.substr(offset, length))
            << length << " bytes at " << offset;
    }

    const auto ranges = blocks.allocated({0, UINT64_MAX});
    ASSERT_TRUE(ranges) << ranges.error().describe();
    std::string rebuilt(expected.size(), '\0');
    std::uint64_t end = 0;
    for (const ByteRange& range : *ranges) {
        ASSERT_GE(range.offset, end);
        ASSERT_LE(range.end(), expected.size());
        rebuilt.replace(range.offset, range.length, expected, range.offset, range.length);
        end = range.end();
    }
    ASSERT_TRUE(rebuilt == expected) << "bytes outside the allocated ranges are not zero";
}

struct Variant {
    std::string name;
    std::string options;  // of qemu-img convert
};

class Qcow2Variant : public testing::TestWithParam<Variant> {};

TEST_P(Qcow2Variant, ReadsAsTheRawDiskDoes) {
    const TemporaryDirectory directory;
    const std::string disk = test::sample_disk(kDiskSize, 1);
    directory.write("disk.raw", disk);
    directory.run("qemu-img convert -f raw -O qcow2 " + GetParam().options +
                  " disk.raw disk.qcow2");
    const auto image = test::open_image(directory, "disk.qcow2");
    ASSERT_TRUE(image) << image.error().describe();
    EXPECT_EQ(image->format, ImageFormat::kQcow2);
    EXPECT_TRUE(image->backing_chain.empty());
    expect_same(*image->blocks, disk);
}

INSTANTIATE_TEST_SUITE_P(
    All, Qcow2Variant,
    testing::Values(Variant{"plain", ""}, Variant{"version2", "-o compat=0.10"},
                    Variant{"deflate", "-c"}, Variant{"version2_deflate", "-c -o compat=0.10"},
                    Variant{"zstd", "-c -o compression_type=zstd"},
                    Variant{"clusters_512", "-o cluster_size=512"},
                    Variant{"clusters_512_deflate", "-c -o cluster_size=512"},
                    Variant{"clusters_2M", "-o cluster_size=2M"},
                    Variant{"clusters_2M_deflate", "-c -o cluster_size=2M"},
                    Variant{"clusters_2M_zstd", "-c -o cluster_size=2M,compression_type=zstd"},
                    Variant{"preallocated", "-S 0 -o preallocation=metadata"},
                    Variant{"extended_l2", "-o extended_l2=on"},
                    Variant{"extended_l2_deflate", "-c -o extended_l2=on"}),
    [](const auto& instance) { return instance.param.name; });

// Writes, zeroes and discards as a guest does, over a backing file; qemu-img tells the outcome.
class Qcow2Overlay : public testing::TestWithParam<Variant> {};

TEST_P(Qcow2Overlay, ShowsTheBackingFileWhereItHasNothing) {
    const TemporaryDirectory directory;
    directory.write("base.raw", test::sample_disk(2'500'000, 2));
    directory.run("qemu-img create -f qcow2 -b base.raw -F raw middle.qcow2 4M");
    directory.run(
        "qemu-io -f qcow2 -c 'write -P 0x5a 100k 70k' -c 'write -z 512k 200k' "
        "-c 'write -P 0x33 2300k 300k' middle.qcow2");
    directory.run("qemu-img create -f qcow2 -b middle.qcow2 -F qcow2 " + GetParam().options +
                  " top.qcow2 6M");
    directory.run(
        "qemu-io -f qcow2 -c 'write -P 0x11 0 4k' -c 'write -P 0x22 130k 2k' "
        "-c 'write -z 1M 64k' -c 'write -P 0x44 5M 100k' -c 'discard 1200k 256k' "
        "-c 'write -z -u 1600k 128k' -c 'write -c -P 0x66 4M 64k' top.qcow2");
    directory.run("qemu-img convert -f qcow2 -O raw top.qcow2 expected.raw");
    const auto image = test::open_image(directory, "top.qcow2");
    ASSERT_TRUE(image) << image.error().describe();
    EXPECT_EQ(image->backing_chain, (std::vector<std::string>{"middle.qcow2", "base.raw"}));
    expect_same(*image->blocks, directory.read("expected.raw"));
}

INSTANTIATE_TEST_SUITE_P(All, Qcow2Overlay,
                         testing::Values(Variant{"plain", ""},
                                         Variant{"clusters_4k", "-o cluster_size=4k"},
                                         Variant{"extended_l2", "-o extended_l2=on"}),
                         [](const auto& instance) { return instance.param.name; });

TEST(Qcow2Source, BackingFileLargerThanTheOverlayIsCutOff) {
    const TemporaryDirectory directory;
    const std::string disk = test::sample_disk(1'000'000, 3);
    directory.write("base.raw", disk);
    directory.run("qemu-img create -f qcow2 -b base.raw -F raw top.qcow2 512k");
    const auto image = test::open_image(directory, "top.qcow2");
    ASSERT_TRUE(image) << image.error().describe();
    expect_same(*image->blocks, disk.substr(0, 512 << 10));
    EXPECT_THAT(test::read_text(*image->blocks, 524'280, 16), testing::HasSubstr("too early"));
}

TEST(Qcow2Source, ServesManyThreadsAtOnce) {
    const TemporaryDirectory directory;
    const std::string disk = test::sample_disk(kDiskSize, 4);
    directory.write("disk.raw", disk);
    directory.run("qemu-img convert -c -f raw -O qcow2 disk.raw disk.qcow2");
    const auto image = test::open_image(directory, "disk.qcow2");
    ASSERT_TRUE(image) << image.error().describe();
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < 8; ++seed) {
        threads.emplace_back([&, seed] {
            std::mt19937_64 random(seed);
            for (int i = 0; i < 200; ++i) {
                const std::size_t offset = random() % (disk.size() - 10'000);
                if (test::read_text(*image->blocks, offset, 10'000) != disk.substr(offset, 10'000))
                    ++wrong;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace vmsecurity::disk
