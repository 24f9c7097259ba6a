#include "disk/partition/test_tables.h"

namespace vmsecurity::disk {
namespace {

using test::numbers;
using test::problems;
using test::put_le;
using test::read_table;
using testing::HasSubstr;

constexpr std::size_t kSize = 32U << 20U;

class BadMbr : public testing::Test {
  protected:
    void SetUp() override {
        disk_ = test::make_table(directory_, kSize,
                                 "label: dos\nsize=2M\nstart=8192,type=5\n"
                                 "start=10240,size=2M\nstart=16384,size=2M\nstart=22528,size=2M\n");
        ASSERT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 5, 6, 7}));
    }
    // Where the record of the n-th logical partition is, in bytes.
    std::size_t record(int n) const {
        std::uint64_t at = 8192;
        for (int i = 0; i < n; ++i)
            at = 8192 + (test::get_le64(disk_, at * 512 + 462 + 8) & 0xFFFFFFFF);
        return at * 512;
    }

    test::TemporaryDirectory directory_;
    std::string disk_;
};

TEST_F(BadMbr, ChainThatComesBack) {
    const std::size_t last = record(2);
    put_le(disk_, last + 462 + 4, 0x05, 1);
    put_le(disk_, last + 462 + 8, 0, 4);  // the first record again
    put_le(disk_, last + 462 + 12, 2048, 4);
    const auto table = read_table(disk_);
    EXPECT_EQ(numbers(table), (std::vector<unsigned>{1, 5, 6, 7}));
    ASSERT_EQ(table.problems.size(), 1U);
    EXPECT_EQ(table.problems[0].number, 8U);
    EXPECT_THAT(table.problems[0].reason, HasSubstr("comes back to itself"));
}

TEST_F(BadMbr, ChainThatBreaksOrLeaves) {
    const std::string intact = disk_;
    put_le(disk_, record(1) + 510, 0, 2);
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 5}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("6: the chain"));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("no boot record there"));

    disk_ = intact;
    put_le(disk_, record(0) + 462 + 8, 0xFFFFFF00, 4);
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 5}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("outside the extended partition"));
}

TEST_F(BadMbr, EndlessChainIsCutOff) {
    // Every sector of the extended partition is a record with a link to the next one.
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const std::size_t at = (8192 + i) * 512;
        disk_.replace(at, 512, 512, '\0');
        put_le(disk_, at + 462 + 4, 0x05, 1);
        put_le(disk_, at + 462 + 8, i + 1, 4);
        put_le(disk_, at + 462 + 12, 1, 4);
        put_le(disk_, at + 510, 0xAA55, 2);
    }
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("too many partitions"));
}

TEST_F(BadMbr, OverlapsAndEndsPastTheDisk) {
    const std::string intact = disk_;
    put_le(disk_, 446 + 12, 12'000, 4);  // partition 1 runs into 5
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{6, 7}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("1: partition 1"));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("5: partition 5"));

    disk_ = intact;
    put_le(disk_, 446 + 16 + 12, 0xFFFFFFFF, 4);  // the extended one
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 5, 6, 7}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("2: partition 2 ends past the disk"));

    disk_ = intact;
    put_le(disk_, record(2) + 446 + 12, 0xFFFFFFFF, 4);
    EXPECT_EQ(numbers(read_table(disk_)), (std::vector<unsigned>{1, 5, 6}));
    EXPECT_THAT(problems(read_table(disk_)), HasSubstr("7: partition 7 ends past the disk"));
}

TEST_F(BadMbr, TruncatedDisk) {
    disk_.resize(1U << 20U);
    const auto table = read_table(disk_);
    EXPECT_EQ(table.scheme, PartitionScheme::kMbr);
    EXPECT_TRUE(table.partitions.empty());
    EXPECT_THAT(problems(table), HasSubstr("1: partition 1 ends past the disk"));
    EXPECT_THAT(problems(table), HasSubstr("5: the chain of logical partitions is broken"));
}

}  // namespace
}  // namespace vmsecurity::disk
