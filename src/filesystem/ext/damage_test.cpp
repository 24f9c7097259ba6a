// Damage made on purpose, with debugfs or by hand. Each must be an error of the one call that meets
// it, at once, and the rest of the tree must stay readable.

#include <cstdlib>

#include "filesystem/open.h"
#include "filesystem/path.h"
#include "filesystem/testing/file_source.h"
#include "filesystem/testing/workspace.h"

namespace vmsecurity::filesystem {
namespace {

using base::ErrorCode;

class ExtDamage : public ::testing::Test {
  protected:
    void make(const std::vector<std::string>& options, const std::string& size = "8M") {
        const std::filesystem::path root(directory_ / "tree");
        std::filesystem::create_directories(root / "a/b");
        std::ofstream(root / "a/file") << std::string(20'000, 'f');
        std::ofstream(root / "a/other") << "other";
        std::ofstream pieces(root / "a/pieces");
        for (int i = 0; i < 20; ++i) {
            pieces.seekp(i * 16384);
            pieces << std::string(4096, 'p');
        }
        pieces.close();
        std::filesystem::create_symlink("file", root / "a/link");
        std::filesystem::create_symlink("a-target-kept-in-the-inode", root / "a/unique");
        ASSERT_TRUE(testing::make_image(image(), options, root, size));
    }
    std::string image() const { return directory_ / "image"; }
    void debugfs(const std::string& request) {
        ASSERT_EQ(testing::run_program({"debugfs", "-w", "-R", request, image()}), 0) << request;
    }
    void overwrite(std::uint64_t offset, const std::string& bytes) {
        std::fstream file(image(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        file << bytes;
    }
    // Where `text` first stands in the image.
    std::size_t position(const std::string& text) {
        const auto bytes = base::read_file(image(), 64 << 20);
        const std::size_t found = bytes ? bytes->find(text) : std::string::npos;
        EXPECT_NE(found, std::string::npos) << text;
        return found;
    }
    void replace(const std::string& text, const std::string& by) { overwrite(position(text), by); }
    void open() {
        auto source = testing::FileSource::open(image());
        ASSERT_TRUE(source);
        auto opened = open_ext(*source);
        ASSERT_TRUE(opened) << opened.error().describe();
        file_system_ = std::move(*opened);
        auto session = file_system_->open_session();
        ASSERT_TRUE(session) << session.error().describe();
        session_ = std::move(*session);
    }
    base::Error open_error() {
        auto source = testing::FileSource::open(image());
        if (!source) return source.error();
        auto opened = open_ext(*source);
        return opened ? base::Error{ErrorCode::kInternal, "it opened", {}, {}} : opened.error();
    }
    std::vector<std::string> names(const std::string& path, base::Result<void>& listed) {
        std::vector<std::string> found;
        const auto node = resolve(*session_, path);
        EXPECT_TRUE(node) << node.error().describe();
        if (!node) return found;
        listed = session_->list(*node, [&](const DirectoryEntry& entry) {
            found.emplace_back(entry.name);
            return true;
        });
        return found;
    }
    base::Result<std::size_t> read(const std::string& path, std::uint64_t offset,
                                   std::size_t length) {
        VMSECURITY_ASSIGN(const Node node, resolve(*session_, path));
        VMSECURITY_ASSIGN(const auto reader, session_->open(node));
        std::vector<std::byte> buffer(length);
        return reader->read(offset, buffer);
    }
    static void expect_corrupt(const base::Result<std::size_t>& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::kCorrupt) << result.error().describe();
        EXPECT_THAT(result.error().where, ::testing::HasSubstr("inode"));
    }

    const testing::TemporaryDirectory directory_;
    std::unique_ptr<FileSystem> file_system_;
    std::unique_ptr<Session> session_;
};

TEST_F(ExtDamage, BlockPointerPastTheEnd) {
    make({"-t", "ext2", "-b", "1024"});
    debugfs("set_inode_field /a/file block[3] 4000000000");
    open();
    expect_corrupt(read("a/file", 0, 20'000));
    EXPECT_TRUE(read("a/file", 0, 3 * 1024));
    EXPECT_TRUE(read("a/other", 0, 5));
}

TEST_F(ExtDamage, IndirectBlockPastTheEnd) {
    make({"-t", "ext3", "-b", "1024"});
    debugfs("set_inode_field /a/file block[IND] 4000000000");
    open();
    expect_corrupt(read("a/file", 13 * 1024, 10));
}

TEST_F(ExtDamage, ExtentPastTheEnd) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    debugfs("set_inode_field /a/file block[5] 4000000000");  // the first extent's block
    open();
    expect_corrupt(read("a/file", 0, 10));
    EXPECT_TRUE(read("a/other", 0, 5));
}

TEST_F(ExtDamage, ExtentTreeOfImpossibleDepth) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    debugfs("set_inode_field /a/file block[1] 0xffff0004");    // capacity 4, depth 65535
    debugfs("set_inode_field /a/pieces block[1] 0x00020004");  // depth 2 where it is 1
    open();
    expect_corrupt(read("a/file", 0, 10));
    expect_corrupt(read("a/pieces", 0, 10));
}

TEST_F(ExtDamage, ExtentTreeThatContainsItself) {
    make({"-t", "ext4", "-b", "1024", "-O", "^metadata_csum"});
    debugfs("set_inode_field /a/file block[0] 0x0001f30a");  // one entry
    debugfs("set_inode_field /a/file block[1] 0x00050004");  // depth 5
    debugfs("set_inode_field /a/file block[3] 0");
    debugfs("set_inode_field /a/file block[4] 4000");
    debugfs("set_inode_field /a/file block[5] 0");
    // Block 4000 is an index at depth 4 whose child is block 4000.
    overwrite(4000 * 1024, std::string("\x0a\xf3\x01\x00\x54\x00\x04\x00\0\0\0\0"
                                       "\0\0\0\0\xa0\x0f\0\0\0\0\0\0",
                                       24));
    open();
    expect_corrupt(read("a/file", 0, 10));
}

TEST_F(ExtDamage, FileThatClaimsTenTerabytes) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    debugfs("set_inode_field /a/file size 10995116277760");
    open();
    const auto node = resolve(*session_, "a/file");
    ASSERT_TRUE(node);
    EXPECT_EQ(session_->status(*node)->size, 10'995'116'277'760U);
    const auto middle = read("a/file", 5'000'000'000'000, 65536);
    ASSERT_TRUE(middle) << middle.error().describe();
    EXPECT_EQ(*middle, 65536U);
}

class ExtDamageByMap : public ExtDamage, public ::testing::WithParamInterface<const char*> {};

TEST_P(ExtDamageByMap, DirectoryThatClaimsTenTerabytes) {
    make({"-t", GetParam(), "-O", "^metadata_csum"});
    debugfs("set_inode_field /a size 10995116277760");
    open();
    base::Result<void> listed;
    EXPECT_THAT(names("a", listed),
                ::testing::UnorderedElementsAre("b", "file", "other", "pieces", "link", "unique"));
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(listed.error().message, ::testing::HasSubstr("impossible size"));
}

INSTANTIATE_TEST_SUITE_P(Maps, ExtDamageByMap, ::testing::Values("ext2", "ext4"),
                         [](const auto& type) { return std::string(type.param); });

TEST_F(ExtDamage, DirectoryMadeOfOneBlockOverAndOver) {
    make({"-t", "ext2", "-b", "1024"});
    debugfs("set_inode_field /a size 12288");
    const std::size_t block = position("pieces") / 1024;
    for (int i = 1; i < 12; ++i) {
        debugfs("set_inode_field /a block[" + std::to_string(i) + "] " + std::to_string(block));
    }
    open();
    base::Result<void> listed;
    EXPECT_EQ(names("a", listed).size(), 6U);
    ASSERT_FALSE(listed);
    EXPECT_THAT(listed.error().cause, ::testing::HasSubstr("has already"));
}

TEST_F(ExtDamage, EntryThatPointsToItsAncestor) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    debugfs("link /a /a/b/up");
    debugfs("link <2> /a/b/root");
    open();
    // A cycle is the walker's to notice, by the inode; one step at a time it looks like a tree.
    const auto first = resolve(*session_, "a");
    const auto again = resolve(*session_, "a/b/up");
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->inode, again->inode);
    EXPECT_EQ(again->path, "a/b/up");
    EXPECT_EQ(resolve(*session_, "a/b/root")->inode, session_->root().inode);
}

TEST_F(ExtDamage, EntriesOfReservedInodesAreDamage) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    debugfs("link <8> /a/journal");
    open();
    base::Result<void> listed;
    EXPECT_THAT(names("a", listed),
                ::testing::UnorderedElementsAre("b", "file", "other", "pieces", "link", "unique"));
    ASSERT_FALSE(listed);
    EXPECT_THAT(listed.error().cause, ::testing::HasSubstr("reserved inode 8"));
}

TEST_F(ExtDamage, DeletedInode) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    debugfs("set_inode_field /a/file links_count 0");
    open();
    const auto node = resolve(*session_, "a/file");
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().code, ErrorCode::kCorrupt);
    EXPECT_TRUE(resolve(*session_, "a/other"));
}

TEST_F(ExtDamage, WrongChecksumOfAnInode) {
    make({"-t", "ext4", "-O", "metadata_csum"});
    replace("a-target-kept-in-the-inode", "A");
    open();
    const auto node = resolve(*session_, "a/unique", false);
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(node.error().cause, ::testing::HasSubstr("checksum"));
    EXPECT_TRUE(resolve(*session_, "a/other"));
}

TEST_F(ExtDamage, WrongChecksumOfADirectoryBlock) {
    make({"-t", "ext4", "-O", "metadata_csum"});
    replace("pieces", "q");
    open();
    base::Result<void> listed;
    names("a", listed);
    ASSERT_FALSE(listed);
    EXPECT_THAT(listed.error().cause, ::testing::HasSubstr("checksum"));
    names("", listed);
    EXPECT_TRUE(listed);
}

TEST_F(ExtDamage, PrimarySuperblockDestroyed) {
    make({"-t", "ext4", "-b", "1024"}, "20M");
    overwrite(1024, std::string(1024, '\xA5'));
    open();
    EXPECT_THAT(file_system_->info().notes,
                ::testing::ElementsAre(::testing::HasSubstr("block 8193")));
    EXPECT_TRUE(read("a/file", 0, 20'000));
}

TEST_F(ExtDamage, GroupDescriptorsDestroyed) {
    make({"-t", "ext4", "-b", "1024"}, "20M");
    overwrite(2048, std::string(1024, '\xA5'));
    open();
    EXPECT_THAT(file_system_->info().notes,
                ::testing::ElementsAre(::testing::HasSubstr("behind block 8193")));
    EXPECT_TRUE(read("a/file", 0, 20'000));
}

TEST_F(ExtDamage, JournalWaitsToBeReplayed) {
    make({"-t", "ext4"}, "32M");
    debugfs("feature +needs_recovery");
    open();
    EXPECT_THAT(file_system_->info().notes,
                ::testing::ElementsAre(::testing::HasSubstr("journal not replayed")));
    EXPECT_TRUE(read("a/file", 0, 20'000));
}

TEST_F(ExtDamage, UnknownFeatureIsNamed) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    overwrite(1024 + 96, std::string("\xC3\x10\x00\x80", 4));
    const base::Error error = open_error();
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_THAT(error.message, ::testing::HasSubstr("dirdata, bits 0x80000000"));
}

TEST_F(ExtDamage, EncryptedDirectoryIsUnsupported) {
    make({"-t", "ext4", "-O", "encrypt,^metadata_csum"});
    debugfs("set_inode_field /a flags 0x80800");
    open();
    base::Result<void> listed;
    EXPECT_THAT(names("a", listed), ::testing::IsEmpty());
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::kUnsupported);
}

TEST_F(ExtDamage, TruncatedImage) {
    make({"-t", "ext4", "-b", "1024"}, "32M");
    std::filesystem::resize_file(image(), 12 << 20);
    open();
    EXPECT_THAT(file_system_->info().notes, ::testing::Contains(::testing::HasSubstr("beyond")));
    EXPECT_TRUE(resolve(*session_, "a/file"));
    std::filesystem::resize_file(image(), 1500);
    EXPECT_EQ(open_error().code, ErrorCode::kTruncated);
}

TEST_F(ExtDamage, SuperblockThatClaimsTheEarth) {
    make({"-t", "ext4", "-O", "^metadata_csum"});
    overwrite(1024 + 4, std::string("\xff\xff\xff\xff", 4));   // blocks
    overwrite(1024 + 32, std::string("\x08\x00\x00\x00", 4));  // in a group
    EXPECT_NE(open_error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace vmsecurity::filesystem
