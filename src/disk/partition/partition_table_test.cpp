#include "disk/partition_table.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "disk/partition/test_tables.h"

namespace vmsecurity::disk {
namespace {

using test::numbers;
using test::problems;
using test::read_table;
using test::TemporaryDirectory;

constexpr std::size_t kMiB = 1U << 20U;

// The table as sfdisk describes it, without extended partitions, which hold only others.
std::vector<std::string> by_sfdisk(const TemporaryDirectory& directory) {
    directory.run("/usr/sbin/sfdisk --json disk > table.json");
    const auto json = boost::json::parse(directory.read("table.json"));
    const auto& table = json.at("partitiontable").as_object();
    const bool gpt = table.at("label").as_string() == "gpt";
    const auto sector = static_cast<std::uint64_t>(table.at("sectorsize").as_int64());
    std::vector<std::string> lines;
    for (const auto& value : table.at("partitions").as_array()) {
        const auto& part = value.as_object();
        std::string type = base::to_lower(std::string(part.at("type").as_string()));
        if (!gpt && (type == "5" || type == "f" || type == "85")) continue;
        if (!gpt) type.insert(0, type.size() == 1 ? "0x0" : "0x");
        const std::string node(part.at("node").as_string());
        lines.push_back(
            fmt::format("{} {}+{} {} {} {}", node.substr(node.rfind("disk") + 4),
                        static_cast<std::uint64_t>(part.at("start").as_int64()) * sector,
                        static_cast<std::uint64_t>(part.at("size").as_int64()) * sector, type,
                        gpt ? base::to_lower(std::string(part.at("uuid").as_string())) : "-",
                        part.contains("name") ? std::string(part.at("name").as_string()) : ""));
    }
    return lines;
}

std::vector<std::string> by_us(const PartitionTable& table) {
    std::vector<std::string> lines;
    for (const Partition& part : table.partitions) {
        lines.push_back(fmt::format(
            "{} {}+{} {} {} {}", part.number, part.range.offset, part.range.length, part.type,
            table.scheme == PartitionScheme::kGpt ? part.unique_id : "-", part.label));
    }
    return lines;
}

struct Script {
    std::string name;
    PartitionScheme scheme;
    std::string text;
};

class SameAsSfdisk : public testing::TestWithParam<Script> {};

TEST_P(SameAsSfdisk, PartitionByPartition) {
    const TemporaryDirectory directory;
    const Script& script = GetParam();
    const auto table = read_table(test::make_table(directory, 64 * kMiB, script.text));
    EXPECT_EQ(table.scheme, script.scheme);
    EXPECT_EQ(problems(table), "");
    EXPECT_EQ(table.sector_size, 512U);
    EXPECT_FALSE(table.partitions.empty());
    EXPECT_EQ(by_us(table), by_sfdisk(directory));
}

INSTANTIATE_TEST_SUITE_P(
    All, SameAsSfdisk,
    testing::Values(
        Script{"gpt", PartitionScheme::kGpt,
               "label: gpt\nsize=1M,type=21686148-6449-6E6F-744E-656564454649\n"
               "size=20M,type=U,name=\"EFI system\"\ntype=L,name=\"Wurzel-ä-\xF0\x9F\x90\xA7\"\n"},
        Script{"gpt_with_gaps_in_its_numbers", PartitionScheme::kGpt,
               "label: gpt\n15: start=2048,size=2M,type=U\n1: start=20480,size=8M\n128: size=1M\n"},
        Script{"gpt_long_table", PartitionScheme::kGpt,
               "label: gpt\ntable-length: 512\n300: size=2M\n1: size=3M\n"},
        Script{"mbr", PartitionScheme::kMbr,
               "label: dos\nsize=10M,type=83,bootable\nsize=2M,type=82\n4: type=8e\n"},
        Script{"mbr_logical", PartitionScheme::kMbr,
               "label: dos\n1: size=4M\n2: size=40M,type=5\n3: start=122880,size=2M\n"
               "5: size=3M\n6: size=4M,type=82\n7: size=5M,type=c\n8: size=1M\n"},
        Script{"mbr_logical_lba", PartitionScheme::kMbr, "label: dos\n2: type=f\n5: size=3M\n"}),
    [](const auto& instance) { return instance.param.name; });

TEST(PartitionTable, GptInSectorsOf4096Bytes) {
    const TemporaryDirectory directory;
    directory.run(
        "truncate -s 64M disk && "
        "printf 'g\\nn\\n1\\n256\\n+8M\\nn\\n7\\n4096\\n+4M\\nw\\n' | /usr/sbin/fdisk -b 4096 "
        "disk");
    std::string disk = directory.read("disk");
    auto table = read_table(disk);
    EXPECT_EQ(table.scheme, PartitionScheme::kGpt);
    EXPECT_EQ(table.sector_size, 4096U);
    EXPECT_EQ(problems(table), "");
    ASSERT_EQ(numbers(table), (std::vector<unsigned>{1, 7}));
    EXPECT_EQ(table.partitions[0].range, (ByteRange{kMiB, 8 * kMiB}));
    EXPECT_EQ(table.partitions[1].range, (ByteRange{16 * kMiB, 4 * kMiB}));
    disk[4096 + 60] ^= 1;
    table = read_table(disk);
    EXPECT_EQ(numbers(table), (std::vector<unsigned>{1, 7}));
    EXPECT_THAT(problems(table), testing::HasSubstr("its backup was used"));
}

TEST(PartitionTable, PartitionIdsOfAnMbrAreThoseOfLinux) {
    const TemporaryDirectory directory;
    const auto table = read_table(test::make_table(
        directory, 16 * kMiB, "label: dos\nlabel-id: 0x5bd2c7a3\nsize=2M\ntype=5\nsize=4M\n"));
    ASSERT_EQ(numbers(table), (std::vector<unsigned>{1, 5}));
    EXPECT_EQ(table.partitions[0].unique_id, "5bd2c7a3-01");
    EXPECT_EQ(table.partitions[1].unique_id, "5bd2c7a3-05");
}

TEST(PartitionTable, NoneOnDisksThatHoldAFileSystemAsAWhole) {
    const TemporaryDirectory directory;
    directory.run("truncate -s 8M ext && /usr/sbin/mke2fs -q -t ext4 ext");
    std::string ext = directory.read("ext");
    EXPECT_EQ(read_table(ext).scheme, PartitionScheme::kNone);
    // Boot code in the ext's first sector brings the signature along.
    test::put_le(ext, 510, 0xAA55, 2);
    EXPECT_EQ(read_table(ext).scheme, PartitionScheme::kNone);
    ext.replace(440, 60, "Missing operating system. Press a key and try again. Sorry!");
    EXPECT_EQ(read_table(ext).scheme, PartitionScheme::kNone);

    EXPECT_EQ(read_table("").scheme, PartitionScheme::kNone);
    EXPECT_EQ(read_table(std::string(511, '\xAA')).scheme, PartitionScheme::kNone);
    EXPECT_EQ(read_table(std::string(kMiB, '\0')).scheme, PartitionScheme::kNone);
}

TEST(PartitionTable, NoneOnAFatWhoseBootCodeLooksLikeEntries) {
    std::string fat(kMiB, '\0');
    fat.replace(0, 11, "\xEB\x3C\x90mkfs.fat");
    test::put_le(fat, 11, 512, 2);
    test::put_le(fat, 13, 4, 1);
    test::put_le(fat, 14, 1, 2);
    test::put_le(fat, 16, 2, 1);
    test::put_le(fat, 21, 0xF8, 1);
    test::put_le(fat, 510, 0xAA55, 2);
    test::put_le(fat, 446 + 4, 0x65, 1);
    test::put_le(fat, 446 + 8, 0x6D206F4E, 4);
    test::put_le(fat, 446 + 12, 0x20656B61, 4);
    EXPECT_EQ(read_table(fat).scheme, PartitionScheme::kNone);
    // The same entry in front of boot code that is no file system's is a table, though a bad one.
    fat[0] = '\x33';
    const auto table = read_table(fat);
    EXPECT_EQ(table.scheme, PartitionScheme::kMbr);
    EXPECT_THAT(problems(table), testing::HasSubstr("partition 1 ends past the disk"));
}

TEST(PartitionTable, OldGptUnderAWholeDiskFileSystemIsNoTable) {
    const TemporaryDirectory directory;
    test::make_table(directory, 16 * kMiB, "label: gpt\nsize=4M\ntype=L\n");
    directory.run("/usr/sbin/mke2fs -q -F -t ext4 disk");
    EXPECT_EQ(read_table(directory.read("disk")).scheme, PartitionScheme::kNone);
}

TEST(PartitionTable, RandomBytesNeverFail) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 2000; ++i) {
        std::string disk(4096 * 3, '\0');
        for (char& c : disk) c = static_cast<char>(random());
        test::put_le(disk, 510, 0xAA55, 2);
        if (i % 2 == 0) {
            for (std::size_t entry = 446; entry < 510; entry += 16) {
                test::put_le(disk, entry, 0, 1);
                test::put_le(disk, entry + 4, i % 4 == 0 ? 0x05 : 0xEE, 1);
            }
        }
        read_table(disk);
    }
}

}  // namespace
}  // namespace vmsecurity::disk
