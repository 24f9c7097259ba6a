#include "disk/content_kind.h"

#include "disk/test_support.h"

namespace vmsecurity::disk {
namespace {

using namespace std::string_view_literals;
using test::TemporaryDirectory;

Content identify(std::string disk) {
    auto content = identify_content(test::MemorySource(std::move(disk)));
    EXPECT_TRUE(content) << content.error().describe();
    return content ? std::move(*content) : Content{};
}

constexpr auto kUuid = "0b5c1f6e-3a5e-4d34-9d4f-6a0d8f0a7c11";
constexpr auto kUuidBytes = "\x0b\x5c\x1f\x6e\x3a\x5e\x4d\x34\x9d\x4f\x6a\x0d\x8f\x0a\x7c\x11"sv;

TEST(IdentifyContent, ExtOfEachGenerationWithUuidAndLabel) {
    const TemporaryDirectory directory;
    for (const char* type : {"ext2", "ext3", "ext4", "ext4 -b 1024", "ext4 -b 4096 -I 128"}) {
        directory.run(
            fmt::format("rm -f d && truncate -s 16M d && "
                        "/usr/sbin/mke2fs -q -t {} -U {} -L 'root disk' d",
                        type, kUuid));
        const Content content = identify(directory.read("d"));
        EXPECT_EQ(content.kind, ContentKind::kExt);
        EXPECT_EQ(content.uuid, kUuid);
        EXPECT_EQ(content.label, "root disk");
    }
}

TEST(IdentifyContent, SwapOfEachPageSize) {
    const TemporaryDirectory directory;
    for (const int page : {4096, 8192, 16384, 65536}) {
        directory.run(
            fmt::format("rm -f d && truncate -s 2M d && "
                        "/usr/sbin/mkswap -p {} -U {} -L swap0 d",
                        page, kUuid));
        const Content content = identify(directory.read("d"));
        EXPECT_EQ(content.kind, ContentKind::kSwap) << page;
        EXPECT_EQ(content.uuid, kUuid);
        EXPECT_EQ(content.label, "swap0");
    }
}

// A piece of a header at its place.
struct Piece {
    std::size_t offset;
    std::string_view bytes;
};
struct Case {
    std::string name;
    ContentKind kind;
    std::vector<Piece> pieces;
    std::string uuid = {};
    std::string label = {};
};

constexpr std::size_t kSize = 4U << 20U;

class Identify : public testing::TestWithParam<Case> {};

TEST_P(Identify, ByTheMagicOfItsFormat) {
    std::string disk(kSize, '\0');
    for (const Piece& piece : GetParam().pieces) {
        disk.replace(piece.offset, piece.bytes.size(), piece.bytes);
    }
    const Content content = identify(disk);
    EXPECT_EQ(to_string(content.kind), to_string(GetParam().kind));
    EXPECT_EQ(content.uuid, GetParam().uuid);
    EXPECT_EQ(content.label, GetParam().label);
    // Cut off at every length it must not be read past its end.
    for (std::size_t size = 1; size < kSize; size = size * 3 / 2 + 1)
        identify(disk.substr(0, size));
}

constexpr auto kFatHead = "\xEB\x58\x90mkfs.fat\x00\x02\x08\x20\x00\x02\0\0\0\0\xF8"sv;

INSTANTIATE_TEST_SUITE_P(
    All, Identify,
    testing::Values(
        Case{"xfs",
             ContentKind::kXfs,
             {{0, "XFSB"}, {32, kUuidBytes}, {108, "data"}},
             kUuid,
             "data"},
        Case{"btrfs",
             ContentKind::kBtrfs,
             {{65536 + 64, "_BHRfS_M"}, {65536 + 32, kUuidBytes}, {65536 + 299, "pool"}},
             kUuid,
             "pool"},
        Case{"f2fs",
             ContentKind::kF2fs,
             {{1024, "\x10\x20\xf5\xf2"}, {1132, kUuidBytes}, {1148, "f\0\xe9\0"sv}},
             kUuid,
             "fé"},
        Case{"erofs",
             ContentKind::kErofs,
             {{1024, "\xe2\xe1\xf5\xe0"}, {1072, kUuidBytes}, {1088, "image"}},
             kUuid,
             "image"},
        Case{"squashfs", ContentKind::kSquashfs, {{0, "hsqs"}}},
        Case{"fat32",
             ContentKind::kFat,
             {{0, kFatHead}, {66, "\x29\x78\x56\x34\x12"}, {71, "EFI        "}, {510, "\x55\xaa"}},
             "1234-5678",
             "EFI"},
        Case{"fat16",
             ContentKind::kFat,
             {{0, kFatHead},
              {22, "\x10"},
              {38, "\x29\x78\x56\x34\x12"},
              {43, "NO NAME    "},
              {510, "\x55\xaa"}},
             "1234-5678"},
        Case{"exfat",
             ContentKind::kExfat,
             {{3, "EXFAT   "}, {100, "\x78\x56\x34\x12"}, {510, "\x55\xaa"}},
             "1234-5678"},
        Case{"ntfs",
             ContentKind::kNtfs,
             {{3, "NTFS    "}, {72, "\x08\x07\x06\x05\x04\x03\x02\x01"}, {510, "\x55\xaa"}},
             "0102030405060708"},
        Case{"bitlocker", ContentKind::kBitlocker, {{3, "-FVE-FS-"}, {510, "\x55\xaa"}}},
        Case{"luks1",
             ContentKind::kLuks,
             {{0, "LUKS\xba\xbe\0\1"sv}, {168, "0b5c1f6e-3a5e-4d34-9d4f-6a0d8f0a7c11"}},
             kUuid},
        Case{"luks2",
             ContentKind::kLuks,
             {{0, "LUKS\xba\xbe\0\2"sv},
              {24, "vault"},
              {168, "0b5c1f6e-3a5e-4d34-9d4f-6a0d8f0a7c11"}},
             kUuid,
             "vault"},
        Case{"lvm2",
             ContentKind::kLvm2Member,
             {{512, "LABELONE"},
              {532, "\x20\0\0\0LVM2 001"sv},
              {544, "abcdefGHIJklmnOPQRstuvWXYZ012345"}},
             "abcdef-GHIJ-klmn-OPQR-stuv-WXYZ-012345"},
        Case{"md_1_2",
             ContentKind::kMdRaidMember,
             {{4096, "\xfc\x4e\x2b\xa9\1\0\0\0"sv}, {4112, kUuidBytes}, {4128, "host:0"}},
             kUuid,
             "host:0"},
        Case{"md_1_1",
             ContentKind::kMdRaidMember,
             {{0, "\xfc\x4e\x2b\xa9\1\0\0\0"sv}, {16, kUuidBytes}},
             kUuid},
        // At the end, with the file system of a mirror in front.
        Case{"md_1_0",
             ContentKind::kMdRaidMember,
             {{0, "XFSB"}, {kSize - 8192, "\xfc\x4e\x2b\xa9\1\0\0\0"sv}},
             ""},
        Case{"md_0_90",
             ContentKind::kMdRaidMember,
             {{0, "XFSB"}, {kSize - 65536, "\xfc\x4e\x2b\xa9"}}},
        Case{"iso9660",
             ContentKind::kIso9660,
             {{32768, "\1CD001"}, {32808, "DEBIAN 12                       "}},
             "",
             "DEBIAN 12"},
        Case{"zfs", ContentKind::kZfs, {{(128U << 10U) + 4096, "\x0c\xb1\xba\0\0\0\0\0"sv}}},
        Case{"apfs", ContentKind::kApfs, {{32, "NXSB"}, {72, kUuidBytes}}, kUuid},
        Case{"hfs_plus", ContentKind::kHfsPlus, {{1024, "H+\0\4"sv}}},
        Case{"reiserfs",
             ContentKind::kReiserfs,
             {{65536 + 52, "ReIsEr2Fs"}, {65536 + 84, kUuidBytes}, {65536 + 100, "old"}},
             kUuid,
             "old"},
        Case{"jfs",
             ContentKind::kJfs,
             {{32768, "JFS1"}, {32768 + 136, kUuidBytes}, {32768 + 152, "j"}},
             kUuid,
             "j"},
        Case{"empty", ContentKind::kEmpty, {}},
        Case{"unknown", ContentKind::kUnknown, {{100'000, "x"}}}),
    [](const auto& instance) { return instance.param.name; });

TEST(IdentifyContent, ShortSourcesHaveNothing) {
    EXPECT_EQ(identify("").kind, ContentKind::kEmpty);
    EXPECT_EQ(identify("X").kind, ContentKind::kUnknown);
    EXPECT_EQ(identify("XFSB").kind, ContentKind::kXfs);
    EXPECT_EQ(identify(std::string(300'000, 'y')).kind, ContentKind::kUnknown);
}

}  // namespace
}  // namespace vmsecurity::disk
