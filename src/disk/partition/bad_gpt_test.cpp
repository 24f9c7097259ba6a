#include "disk/partition/test_tables.h"

namespace vmsecurity::disk {
namespace {

using test::numbers;
using test::problems;
using test::put_le;
using test::read_table;
using testing::HasSubstr;

constexpr std::size_t kSize = 16U << 20U;
constexpr std::size_t kPrimary = 512;
constexpr std::size_t kEntries = 1024;
constexpr std::size_t kBackup = kSize - 512;

class BadGpt : public testing::Test {
  protected:
    void SetUp() override {
        disk_ = test::make_table(directory_, kSize,
                                 "label: gpt\nsize=2M,name=a\nsize=3M,name=b\nsize=4M,name=c\n");
        ASSERT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 2, 3}));
    }
    // First and last sector of an entry of the primary table, checksums kept right.
    void set_range(std::size_t number, std::uint64_t first, std::uint64_t last) {
        put_le(disk_, kEntries + 128 * (number - 1) + 32, first, 8);
        put_le(disk_, kEntries + 128 * (number - 1) + 40, last, 8);
        test::reseal_gpt(disk_, kPrimary);
    }

    test::TemporaryDirectory directory_;
    std::string disk_;
};

TEST_F(BadGpt, BackupIsUsedAndReportedWhateverIsWrongWithThePrimary) {
    const std::string intact = disk_;
    const auto expect_backup = [&](std::string_view why) {
        const auto table = read_table(disk_);
        EXPECT_EQ(table.scheme, PartitionScheme::kGpt);
        EXPECT_EQ(numbers(table), (std::vector<unsigned>{1, 2, 3})) << why;
        ASSERT_EQ(table.problems.size(), 1U);
        EXPECT_EQ(table.problems[0].number, 0U);
        EXPECT_THAT(table.problems[0].reason, HasSubstr(std::string(why)));
        EXPECT_THAT(table.problems[0].reason, HasSubstr("its backup was used"));
        disk_ = intact;
    };
    disk_.replace(kPrimary, 512, 512, '\0');
    expect_backup("its signature is missing");
    disk_[kPrimary + 60] ^= 1;
    expect_backup("its header's checksum is wrong");
    disk_[kEntries + 32] ^= 1;
    expect_backup("its entries' checksum is wrong");
    put_le(disk_, kPrimary + 12, 4'000'000'000, 4);
    expect_backup("a size of 4000000000 bytes");
    put_le(disk_, kPrimary + 80, 0xFFFFFFFF, 4);
    test::reseal_gpt(disk_, kPrimary);
    expect_backup("it claims 4294967295 entries");
    put_le(disk_, kPrimary + 84, 100, 4);
    test::reseal_gpt(disk_, kPrimary);
    expect_backup("its entries claim a size of 100 bytes");
    put_le(disk_, kPrimary + 72, UINT64_MAX / 512, 8);
    test::reseal_gpt(disk_, kPrimary);
    expect_backup("past the disk's end");
    put_le(disk_, kPrimary + 24, 7, 8);
    test::reseal_gpt(disk_, kPrimary);
    expect_backup("belongs to another sector");
}

TEST_F(BadGpt, BackupOfADiskThatWasGrownIsFound) {
    disk_.append(1U << 20U, '\0');
    EXPECT_EQ(problems(read_table(disk_)), "");
    disk_[kEntries + 32] ^= 1;
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 2, 3}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("its backup was used"));
}

TEST_F(BadGpt, BothCopiesDamaged) {
    disk_[kPrimary + 60] ^= 1;
    disk_[kBackup + 60] ^= 1;
    const auto table = read_table(disk_);
    EXPECT_EQ(table.scheme, PartitionScheme::kGpt);
    EXPECT_TRUE(table.partitions.empty());
    EXPECT_THAT(problems(table), HasSubstr("no intact backup"));
}

TEST_F(BadGpt, HybridMbrHelpsWhenTheGptIsLost) {
    put_le(disk_, 446 + 16 + 4, 0x83, 1);
    put_le(disk_, 446 + 16 + 8, 2048, 4);
    put_le(disk_, 446 + 16 + 12, 4096, 4);
    const auto intact = read_table(disk_);
    EXPECT_EQ(intact.scheme, PartitionScheme::kGpt);
    EXPECT_EQ(problems(intact), "");
    disk_[kPrimary + 60] ^= 1;
    disk_[kBackup + 60] ^= 1;
    const auto table = read_table(disk_);
    EXPECT_EQ(table.scheme, PartitionScheme::kMbr);
    EXPECT_EQ(numbers(table), (std::vector<unsigned>{2}));
    EXPECT_THAT(problems(table), HasSubstr("no intact backup"));
}

TEST_F(BadGpt, OverlappingEntriesAreBothNamedAndLeftOut) {
    set_range(2, 4096, 20'000);
    const auto table = read_table(disk_);
    EXPECT_EQ(numbers(table), (std::vector<unsigned>{}));
    EXPECT_THAT(problems(table), HasSubstr("1: partition 1 (bytes 1048576 to 3145727) overlaps"));
    EXPECT_THAT(problems(table), HasSubstr("2: partition 2"));
    EXPECT_THAT(problems(table), HasSubstr("3: partition 3"));

    set_range(2, 2048, 2048);
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{3}));
}

TEST_F(BadGpt, EntriesPastTheEndAreNamedAndTheOthersRead) {
    set_range(3, 12'288, 40'000);
    const auto table = read_table(disk_);
    EXPECT_EQ(numbers(table), (std::vector<unsigned>{1, 2}));
    ASSERT_EQ(table.problems.size(), 1U);
    EXPECT_EQ(table.problems[0].number, 3U);
    EXPECT_THAT(table.problems[0].reason, HasSubstr("partition 3 ends past the disk"));
    set_range(3, 0, UINT64_MAX);
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("3: partition 3 ends"));
    set_range(3, UINT64_MAX, UINT64_MAX);
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("3: partition 3 ends past"));
    set_range(3, 20'000, 19'999);
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("before it begins"));
}

TEST_F(BadGpt, TruncatedDisk) {
    disk_.resize(4U << 20U);
    const auto table = read_table(disk_);
    EXPECT_EQ(numbers(table), (std::vector<unsigned>{1}));
    EXPECT_THAT(problems(table), HasSubstr("2: partition 2 ends past the disk"));
    EXPECT_THAT(problems(table), HasSubstr("3: partition 3 ends past the disk"));
}

TEST_F(BadGpt, WithoutProtectiveMbrOnlyAWholePrimaryCounts) {
    disk_.replace(0, 512, 512, '\0');
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 2, 3}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("no protective MBR"));
    disk_[kEntries + 32] ^= 1;
    EXPECT_EQ(read_table(disk_).scheme, PartitionScheme::kNone);
}

}  // namespace
}  // namespace vmsecurity::disk
