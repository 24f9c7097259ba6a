// One suite for every file system: the same tree must look the same through each.

#include <fcntl.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "filesystem/open.h"
#include "filesystem/path.h"
#include "filesystem/testing/file_source.h"
#include "filesystem/testing/sample_tree.h"
#include "filesystem/testing/workspace.h"

namespace vmsecurity::filesystem {
namespace {

using base::ErrorCode;
using testing::Expected;

struct Variant {
    std::string name;
    std::string kind;
    std::vector<std::string> options;  // of mke2fs; none: the directory itself
};

std::ostream& operator<<(std::ostream& out, const Variant& variant) {
    return out << variant.name;
}

std::vector<Variant> variants() {
    return {
        {"directory", "directory", {}},
        {"ext2", "ext2", {"-t", "ext2"}},
        {"ext2_1k", "ext2", {"-t", "ext2", "-b", "1024"}},
        {"ext2_revision_0", "ext2", {"-t", "ext2", "-r", "0"}},
        {"ext3", "ext3", {"-t", "ext3"}},
        {"ext4", "ext4", {"-t", "ext4"}},
        {"ext4_1k", "ext4", {"-t", "ext4", "-b", "1024"}},
        {"ext4_2k", "ext4", {"-t", "ext4", "-b", "2048", "-O", "^metadata_csum"}},
        {"ext4_inline_data", "ext4", {"-t", "ext4", "-O", "inline_data", "-I", "256"}},
        {"ext4_inline_data_1k",
         "ext4",
         {"-t", "ext4", "-O", "inline_data", "-I", "512", "-b", "1024"}},
        {"ext4_64bit_csum", "ext4", {"-t", "ext4", "-O", "64bit,metadata_csum", "-b", "4096"}},
        {"ext4_no_types", "ext4", {"-t", "ext4", "-O", "^filetype,^metadata_csum"}},
        {"ext4_bigalloc", "ext4", {"-t", "ext4", "-O", "bigalloc", "-C", "16384"}},
        {"ext4_features",
         "ext4",
         {"-t", "ext4", "-O",
          "encrypt,casefold,ea_inode,large_dir,metadata_csum_seed,quota,project"}},
        {"ext4_meta_bg", "ext4", {"-t", "ext4", "-O", "meta_bg,^resize_inode,^flex_bg"}},
    };
}

// The tree and its images, made once for the program.
class Fixture {
  public:
    static Fixture& get() {
        static Fixture fixture;
        return fixture;
    }
    Fixture() {
        std::filesystem::create_directory(root());
        made = testing::make_sample_tree(root());
        expected = testing::describe_tree(root());
    }
    std::string root() const { return directory / "tree"; }

    base::Result<std::unique_ptr<FileSystem>> open(const Variant& variant) const {
        if (variant.options.empty()) {
            VMSECURITY_ASSIGN(auto descriptor, base::open_file(root(), O_RDONLY | O_DIRECTORY));
            return open_directory(std::move(descriptor));
        }
        const std::string image = directory / (variant.name + ".img");
        if (!std::filesystem::exists(image) &&
            !testing::make_image(image, variant.options, root(), "128M")) {
            return base::fail(ErrorCode::kInternal, "mke2fs failed");
        }
        VMSECURITY_ASSIGN(const auto source, testing::FileSource::open(image));
        return open_ext(source);
    }

    testing::TemporaryDirectory directory;
    bool made = false;
    std::map<std::string, Expected> expected;
};

class FileSystemContract : public ::testing::TestWithParam<Variant> {
  protected:
    void SetUp() override {
        ASSERT_TRUE(Fixture::get().made);
        auto opened = Fixture::get().open(GetParam());
        ASSERT_TRUE(opened) << opened.error().describe();
        file_system_ = std::move(*opened);
        auto session = file_system_->open_session();
        ASSERT_TRUE(session) << session.error().describe();
        session_ = std::move(*session);
    }

    Node at(const std::string& path) {
        auto node = resolve(*session_, path, false);
        EXPECT_TRUE(node) << path << ": " << node.error().describe();
        return node ? *node : Node{};
    }
    std::string resolved(const std::string& path) {
        auto node = resolve(*session_, path);
        return node ? node->path : std::string(to_string(node.error().code));
    }
    std::string content(const Node& node, std::uint64_t offset, std::size_t length) {
        auto reader = session_->open(node);
        if (!reader) return reader.error().describe();
        std::string text(length, '?');
        auto got = (*reader)->read(offset, std::as_writable_bytes(std::span(text)));
        if (!got) return got.error().describe();
        text.resize(*got);
        return text;
    }
    // The whole tree: path -> node, by list() alone, types filled in by status().
    std::map<std::string, Node> walk() {
        std::map<std::string, Node> nodes;
        std::vector<Node> pending{session_->root()};
        while (!pending.empty()) {
            const Node directory = pending.back();
            pending.pop_back();
            const auto listed = session_->list(directory, [&](const DirectoryEntry& entry) {
                Node node{join_path(directory.path, entry.name), entry.inode, entry.type};
                if (node.type == FileType::kUnknown) {
                    auto status = session_->status(node);
                    if (status) node.type = status->type;
                }
                if (node.type == FileType::kDirectory) pending.push_back(node);
                EXPECT_TRUE(nodes.emplace(node.path, node).second) << node.path << " comes twice";
                return true;
            });
            EXPECT_TRUE(listed) << directory.path << ": " << listed.error().describe();
        }
        return nodes;
    }

    std::unique_ptr<FileSystem> file_system_;
    std::unique_ptr<Session> session_;
};

TEST_P(FileSystemContract, SaysWhatItIs) {
    const FileSystemInfo& info = file_system_->info();
    EXPECT_EQ(info.kind, GetParam().kind);
    EXPECT_THAT(info.notes, ::testing::IsEmpty());
    if (GetParam().options.empty()) return;
    EXPECT_EQ(info.uuid.size(), 36U);
    // Two names share an inode; eleven inodes are reserved, lost+found is the last of them, and a
    // feature may use one more.
    const std::uint64_t least = Fixture::get().expected.size() - 1 + 11;
    EXPECT_THAT(info.files.value_or(0),
                ::testing::AllOf(::testing::Ge(least), ::testing::Le(least + 1)));
    EXPECT_GT(info.used_bytes.value_or(0), 4'000'000U);
}

TEST_P(FileSystemContract, ListsEveryEntryWithItsStatus) {
    auto nodes = walk();
    nodes.erase("lost+found");
    const auto& expected = Fixture::get().expected;
    EXPECT_EQ(nodes.size(), expected.size());
    for (const auto& [path, want] : expected) {
        SCOPED_TRACE(base::escape_bytes(path));
        const auto found = nodes.find(path);
        ASSERT_NE(found, nodes.end());
        EXPECT_EQ(found->second.type, want.status.type);
        const auto status = session_->status(found->second);
        ASSERT_TRUE(status) << status.error().describe();
        EXPECT_EQ(status->type, want.status.type);
        EXPECT_EQ(status->inode, found->second.inode);
        EXPECT_EQ(status->permissions, want.status.permissions);
        EXPECT_EQ(status->uid, want.status.uid);
        EXPECT_EQ(status->gid, want.status.gid);
        EXPECT_EQ(status->modified, want.status.modified);
        if (want.status.type == FileType::kDirectory)
            continue;  // sizes and counts are the format's
        EXPECT_EQ(status->size, want.status.size);
        EXPECT_EQ(status->links, want.status.links);
    }
}

TEST_P(FileSystemContract, StatusOfTheRoot) {
    const auto status = session_->status(session_->root());
    ASSERT_TRUE(status) << status.error().describe();
    EXPECT_EQ(status->type, FileType::kDirectory);
    EXPECT_EQ(status->inode, session_->root().inode);
}

TEST_P(FileSystemContract, ReadsContent) {
    for (const auto& [path, want] : Fixture::get().expected) {
        if (want.status.type != FileType::kRegular || path.starts_with("many/")) continue;
        SCOPED_TRACE(base::escape_bytes(path));
        const std::string source = Fixture::get().root() + "/" + path;
        const auto read =
            static_cast<std::size_t>(std::min<std::uint64_t>(want.status.size + 10, 4'000'000));
        EXPECT_EQ(content(at(path), 0, read) == testing::read_range(source, 0, read), true);
        // Unaligned, in the middle, over the end, behind it.
        const std::uint64_t size = want.status.size;
        for (const std::uint64_t offset :
             {size / 3 + 1, size / 2, size - std::min<std::uint64_t>(size, 7), size}) {
            EXPECT_EQ(content(at(path), offset, 5000), testing::read_range(source, offset, 5000));
        }
        EXPECT_EQ(content(at(path), size + 4096, 10), "");
        EXPECT_EQ(content(at(path), ~std::uint64_t{0} - 2, 10), "");
    }
}

TEST_P(FileSystemContract, ReadsSparseFiles) {
    const Node sparse = at("files/sparse");
    EXPECT_EQ(content(sparse, 69'999'999, 8), std::string("\0middle\0", 8));
    EXPECT_EQ(content(sparse, 4'999'999'998, 100), std::string("\0\0end", 5));
    EXPECT_EQ(content(sparse, 3'000'000'000, 4096), std::string(4096, '\0'));
}

TEST_P(FileSystemContract, ReadsLinks) {
    for (const auto& [path, want] : Fixture::get().expected) {
        if (want.status.type != FileType::kSymlink) continue;
        const auto target = session_->read_link(at(path));
        ASSERT_TRUE(target) << path << ": " << target.error().describe();
        EXPECT_EQ(*target, want.target);
    }
}

TEST_P(FileSystemContract, ResolvesLinksInsideTheRoot) {
    EXPECT_EQ(resolved(""), "");
    EXPECT_EQ(resolved("/"), "");
    EXPECT_EQ(resolved("/.././../"), "");
    EXPECT_EQ(resolved("links/relative"), "files/short");
    EXPECT_EQ(resolved("links/absolute"), "files/short");
    EXPECT_EQ(resolved("/links//./to-directory/short"), "files/short");
    EXPECT_EQ(resolved("links/to-directory/../links/relative"), "files/short");
    EXPECT_EQ(resolved("links/to-directory/"), "files");
    EXPECT_EQ(resolved("links/longer-than-an-inode-holds"), "files/short");
    EXPECT_EQ(resolved("links/chain-39"), "files/short");
    EXPECT_EQ(resolved("names/caf\xe9"), "names/caf\xe9");
}

TEST_P(FileSystemContract, NeverLeavesTheRoot) {
    EXPECT_EQ(resolved("links/escaping"), "not found");
    EXPECT_EQ(resolved("links/climbing"), "files/short");
    EXPECT_EQ(resolved("../../../../etc/passwd"), "not found");
}

TEST_P(FileSystemContract, ResolveFails) {
    EXPECT_EQ(resolved("absent"), "not found");
    EXPECT_EQ(resolved("links/dangling"), "not found");
    EXPECT_EQ(resolved("files/short/below"), "not found");
    EXPECT_EQ(resolved("files/short/"), "not found");
    EXPECT_EQ(resolved("files/short/.."), "not found");
    EXPECT_EQ(resolved("links/loop-a"), "limit exceeded");
    EXPECT_EQ(resolved("links/self"), "limit exceeded");
    EXPECT_EQ(resolved("links/chain-40"), "limit exceeded");
    EXPECT_EQ(resolved(std::string("files/sh\0rt", 11)), "invalid argument");
}

TEST_P(FileSystemContract, LastLinkIsNotFollowedUnlessAsked) {
    const auto link = resolve(*session_, "links/absolute", false);
    ASSERT_TRUE(link);
    EXPECT_EQ(link->path, "links/absolute");
    EXPECT_EQ(link->type, FileType::kSymlink);
    const auto directory = resolve(*session_, "links/to-directory/", false);
    ASSERT_TRUE(directory);
    EXPECT_EQ(directory->path, "files");
}

TEST_P(FileSystemContract, ChildFindsOneEntry) {
    const Node files = at("files");
    const auto found = session_->child(files, "short");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->path, "files/short");
    EXPECT_EQ(found->type, FileType::kRegular);
    for (const char* name : {"absent", "SHORT"}) {
        const auto missing = session_->child(files, name);
        ASSERT_FALSE(missing);
        EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    }
    for (const char* name : {"", ".", "..", "short/x", "../links"}) {
        const auto bad = session_->child(files, name);
        ASSERT_FALSE(bad);
        EXPECT_EQ(bad.error().code, ErrorCode::kInvalidArgument) << name;
    }
}

TEST_P(FileSystemContract, RefusesTheWrongType) {
    for (const char* path : {"files", "links/relative", "special/fifo", "special/socket"}) {
        const auto opened = session_->open(at(path));
        ASSERT_FALSE(opened) << path;
        EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument) << path;
    }
    for (const char* path : {"files/short", "links/to-directory", "special/fifo"}) {
        const auto listed = session_->list(at(path), [](const DirectoryEntry&) { return true; });
        ASSERT_FALSE(listed) << path;
        EXPECT_EQ(listed.error().code, ErrorCode::kInvalidArgument) << path;
    }
    for (const char* path : {"files/short", "files"}) {
        const auto target = session_->read_link(at(path));
        ASSERT_FALSE(target) << path;
        EXPECT_EQ(target.error().code, ErrorCode::kInvalidArgument) << path;
    }
}

TEST_P(FileSystemContract, ListingStopsWhenAsked) {
    int seen = 0;
    const auto listed =
        session_->list(at("many"), [&](const DirectoryEntry&) { return ++seen < 7; });
    EXPECT_TRUE(listed);
    EXPECT_EQ(seen, 7);
}

TEST_P(FileSystemContract, SessionMayBeUsedInsideAListing) {
    std::size_t inner = 0;
    const auto listed = session_->list(at("files"), [&](const DirectoryEntry& entry) {
        EXPECT_TRUE(session_->status({join_path("files", entry.name), entry.inode, entry.type}));
        const auto nested =
            session_->list(at("names"), [&](const DirectoryEntry&) { return ++inner > 0; });
        EXPECT_TRUE(nested);
        return true;
    });
    EXPECT_TRUE(listed);
    EXPECT_EQ(inner, 7U * 5U);
}

TEST_P(FileSystemContract, SessionsWorkSideBySide) {
    const auto expected = walk().size();
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            auto session = file_system_->open_session();
            if (!session) return;
            std::size_t count = 0;
            std::vector<Node> pending{(*session)->root()};
            while (!pending.empty()) {
                const Node directory = pending.back();
                pending.pop_back();
                const auto listed = (*session)->list(directory, [&](const DirectoryEntry& entry) {
                    const Node node{join_path(directory.path, entry.name), entry.inode, entry.type};
                    const auto status = (*session)->status(node);
                    if (status && status->type == FileType::kDirectory) pending.push_back(node);
                    ++count;
                    return true;
                });
                if (!listed) return;
            }
            if (count == expected) ++right;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 4);
}

INSTANTIATE_TEST_SUITE_P(All, FileSystemContract, ::testing::ValuesIn(variants()),
                         [](const auto& variant) { return variant.param.name; });

}  // namespace
}  // namespace vmsecurity::filesystem
