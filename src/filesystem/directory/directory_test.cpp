// What only a directory of the running system can show; the rest is in the contract suite.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filesystem/open.h"
#include "filesystem/path.h"
#include "filesystem/testing/workspace.h"

namespace vmsecurity::filesystem {
namespace {

using base::ErrorCode;

std::unique_ptr<Session> open_tree(const std::string& path, DirectoryOptions options = {}) {
    auto descriptor = base::open_file(path, O_RDONLY | O_DIRECTORY);
    if (!descriptor) return nullptr;
    auto opened = open_directory(std::move(*descriptor), options);
    if (!opened) return nullptr;
    auto session = (*opened)->open_session();
    return session ? std::move(*session) : nullptr;
}

std::vector<Node> entries(Session& session, const Node& directory) {
    std::vector<Node> nodes;
    const auto listed = session.list(directory, [&](const DirectoryEntry& entry) {
        nodes.push_back({join_path(directory.path, entry.name), entry.inode, entry.type});
        return true;
    });
    EXPECT_TRUE(listed) << listed.error().describe();
    return nodes;
}

TEST(Directory, IsRefusedIfItIsNone) {
    auto descriptor = base::open_file("/dev/null", O_RDONLY);
    ASSERT_TRUE(descriptor);
    const auto opened = open_directory(std::move(*descriptor));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

TEST(Directory, PathsLongerThanTheKernelTakes) {
    constexpr int kDepth = 150;  // of names of 100 bytes: 15,000 in all
    const testing::TemporaryDirectory root;
    const std::string name(100, 'd');
    {
        auto at = base::open_file(root.path(), O_RDONLY | O_DIRECTORY);
        for (int i = 0; i < kDepth; ++i) {
            ASSERT_TRUE(at);
            ASSERT_EQ(::mkdirat(at->get(), name.c_str(), 0700), 0);
            at = base::FileDescriptor(
                ::openat(at->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        }
        const base::FileDescriptor file(
            ::openat(at->get(), "bottom", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        ASSERT_EQ(::write(file.get(), "deep", 4), 4);
        ASSERT_EQ(::symlinkat("bottom", at->get(), "link"), 0);
    }
    auto session = open_tree(root.path());
    ASSERT_TRUE(session);
    Node node = session->root();
    for (int i = 0; i < kDepth; ++i) {
        const auto below = entries(*session, node);
        ASSERT_EQ(below.size(), 1U);
        node = below.front();
    }
    EXPECT_EQ(entries(*session, node).size(), 2U);
    const auto bottom = resolve(*session, node.path + "/link");
    ASSERT_TRUE(bottom) << bottom.error().describe();
    EXPECT_EQ(bottom->path, node.path + "/bottom");
    EXPECT_EQ(session->status(*bottom)->size, 4U);
    auto reader = session->open(*bottom);
    ASSERT_TRUE(reader) << reader.error().describe();
    std::array<std::byte, 10> buffer{};
    EXPECT_EQ((*reader)->read(0, buffer), 4U);
}

TEST(Directory, LinksAndDotsInsideANodesPathDoNotLeadOut) {
    const testing::TemporaryDirectory outer;
    std::filesystem::create_directories(outer / "root/inner");
    std::ofstream(outer / "secret") << "outside";
    std::filesystem::create_directory_symlink("..", outer / "root/up");
    std::filesystem::create_symlink("/etc", outer / "root/etc");
    auto session = open_tree(outer / "root");
    ASSERT_TRUE(session);
    for (const char* path : {"../secret", "inner/../../secret", "up/secret", "etc/passwd", "..",
                             "inner/..", "/etc/passwd"}) {
        const Node node{path, 1, FileType::kRegular};
        EXPECT_FALSE(session->open(node)) << path;
        EXPECT_FALSE(session->status(node)) << path;
        EXPECT_FALSE(session->read_link(node)) << path;
    }
    for (const char* path : {"..", "inner/../..", "up", "etc", "/"}) {
        const Node node{path, 1, FileType::kDirectory};
        EXPECT_FALSE(session->list(node, [](const DirectoryEntry&) { return true; })) << path;
    }
}

TEST(Directory, OtherMountsAreEnteredOnlyIfAsked) {
    auto session = open_tree("/");
    ASSERT_TRUE(session);
    const auto proc = session->child(session->root(), "proc");
    ASSERT_TRUE(proc);
    const auto listed = session->list(*proc, [](const DirectoryEntry&) { return true; });
    if (listed) GTEST_SKIP() << "/proc is not a mount here";
    EXPECT_EQ(listed.error().code, ErrorCode::kOutOfScope);
    EXPECT_THAT(listed.error().message, ::testing::HasSubstr("another file system"));

    auto crossing = open_tree("/", {.cross_mounts = true});
    ASSERT_TRUE(crossing);
    bool found = false;
    EXPECT_TRUE(crossing->list(*proc, [&](const DirectoryEntry& entry) {
        found = entry.name == "version";
        return !found;
    }));
    EXPECT_TRUE(found);
}

TEST(Directory, FileThatBecomesAnotherKindIsNotRead) {
    const testing::TemporaryDirectory root;
    std::ofstream(root / "file") << "content";
    auto session = open_tree(root.path());
    ASSERT_TRUE(session);
    const auto node = session->child(session->root(), "file");
    ASSERT_TRUE(node);
    std::filesystem::remove(root / "file");
    ASSERT_EQ(::mkfifo((root / "file").c_str(), 0600), 0);
    const auto opened = session->open(*node);  // must not wait for a writer
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace vmsecurity::filesystem
