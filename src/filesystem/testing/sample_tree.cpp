#include "filesystem/testing/sample_tree.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <filesystem>
#include <fstream>

#include "base/file_descriptor.h"

namespace vmsecurity::filesystem::testing {

namespace fs = std::filesystem;

namespace {

// Content that differs from block to block, so that a wrong mapping shows.
std::string pattern(std::size_t length, unsigned seed) {
    std::string text(length, '\0');
    std::uint32_t state = seed * 2654435761U + 1;
    for (char& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

bool write_at(int file, std::uint64_t offset, const std::string& text) {
    return ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(text.size());
}

bool write_file(const fs::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    return out.good();
}

bool make_files(const fs::path& root) {
    fs::create_directories(root / "files");
    bool good = write_file(root / "files/empty", "") &&
                write_file(root / "files/short", "one line\n") &&
                write_file(root / "files/inline-tail", pattern(120, 3)) &&
                write_file(root / "files/large", pattern(3 * 1024 * 1024 + 17, 4));
    // Data and holes in turn: more extents than one node of any block size holds.
    auto pieces = base::open_file(root / "files/pieces", O_CREAT | O_WRONLY, 0640);
    good = good && pieces;
    for (unsigned i = 0; good && i < 420; ++i) {
        good = write_at(pieces->get(), std::uint64_t{i} * 8192, pattern(4096, i));
    }
    // Reaches into the third level of indirect blocks for every block size up to 4 KiB.
    auto sparse = base::open_file(root / "files/sparse", O_CREAT | O_WRONLY, 0600);
    return good && sparse && write_at(sparse->get(), 0, "begin") &&
           write_at(sparse->get(), 70'000'000, "middle") &&
           write_at(sparse->get(), 5'000'000'000, "end");
}

bool make_directories(const fs::path& root) {
    fs::path deep = root / "deep";
    for (int i = 0; i < 60; ++i) deep /= "d" + std::to_string(i);
    fs::create_directories(deep);
    fs::create_directories(root / "hollow");
    fs::create_directories(root / "many");
    bool good = write_file(deep / "bottom", "deep");
    for (int i = 0; good && i < 3000; ++i) {
        good = write_file(root / "many" / ("an-entry-with-a-name-" + std::to_string(i)), "");
    }
    return good;
}

void make_links(const fs::path& root) {
    const fs::path links = root / "links";
    fs::create_directories(links);
    fs::create_symlink("../files/short", links / "relative");
    fs::create_symlink("/files/short", links / "absolute");
    fs::create_symlink("/files", links / "to-directory");
    fs::create_symlink("nowhere", links / "dangling");
    fs::create_symlink("loop-b", links / "loop-a");
    fs::create_symlink("loop-a", links / "loop-b");
    fs::create_symlink("self", links / "self");
    fs::create_symlink("../../../../../../etc/passwd", links / "escaping");
    fs::create_symlink("../../../../../../files/short", links / "climbing");
    fs::create_symlink("./././././././././././././././././././././././../files/short",
                       links / "longer-than-an-inode-holds");
    std::string chain = "../files/short";
    for (int i = 0; i < 41; ++i) {
        const std::string name = "chain-" + std::to_string(i);
        fs::create_symlink(chain, links / name);
        chain = name;
    }
}

bool make_odd_names(const fs::path& root) {
    fs::create_directories(root / "names");
    return write_file(root / "names" / "caf\xe9", "latin-1") &&
           write_file(root / "names" / "\xff\xfe\x01", "no text at all") &&
           write_file(root / "names" / "new\nline", "control") &&
           write_file(root / "names" / std::string(NAME_MAX, 'n'), "long") &&
           write_file(root / "names" / "back\\slash", "escaped");
}

bool make_special(const fs::path& root) {
    const fs::path special = root / "special";
    fs::create_directories(special);
    if (::mkfifo((special / "fifo").c_str(), 0600) != 0) return false;
    const base::FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = special / "socket";
    if (name.size() >= sizeof(address.sun_path)) return false;
    name.copy(address.sun_path, name.size());
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return false;
    }
    ::mknod((special / "null").c_str(), S_IFCHR | 0666, makedev(1, 3));
    ::mknod((special / "disk").c_str(), S_IFBLK | 0660, makedev(7, 0));
    return true;
}

FileType type_of(mode_t mode) {
    if (S_ISREG(mode)) return FileType::kRegular;
    if (S_ISDIR(mode)) return FileType::kDirectory;
    if (S_ISLNK(mode)) return FileType::kSymlink;
    if (S_ISCHR(mode)) return FileType::kCharacterDevice;
    if (S_ISBLK(mode)) return FileType::kBlockDevice;
    if (S_ISFIFO(mode)) return FileType::kFifo;
    return S_ISSOCK(mode) ? FileType::kSocket : FileType::kUnknown;
}

}  // namespace

bool make_sample_tree(const std::string& root) {
    if (!make_files(root) || !make_directories(root) || !make_odd_names(root) ||
        !make_special(root)) {
        return false;
    }
    make_links(root);
    const fs::path path(root);
    fs::create_hard_link(path / "files/short", path / "files/second-name");
    // Set-uid, a time before 1970 and one past 2038 that only large inodes keep.
    if (::chmod((path / "files/large").c_str(), 04751) != 0) return false;
    const std::array<timespec, 2> old_times = {{{-86400, 0}, {-86400, 0}}};
    return ::utimensat(AT_FDCWD, (path / "files/empty").c_str(), old_times.data(), 0) == 0;
}

std::map<std::string, Expected> describe_tree(const std::string& root) {
    std::map<std::string, Expected> tree;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        Expected expected;
        struct stat raw{};
        if (::lstat(entry.path().c_str(), &raw) != 0) continue;
        expected.status.type = type_of(raw.st_mode);
        expected.status.size = static_cast<std::uint64_t>(raw.st_size);
        expected.status.permissions = raw.st_mode & 07777U;
        expected.status.uid = raw.st_uid;
        expected.status.gid = raw.st_gid;
        expected.status.links = static_cast<std::uint32_t>(raw.st_nlink);
        expected.status.modified = raw.st_mtim.tv_sec;
        if (S_ISLNK(raw.st_mode)) expected.target = fs::read_symlink(entry.path()).string();
        tree[entry.path().string().substr(root.size() + 1)] = std::move(expected);
    }
    return tree;
}

std::string read_range(const std::string& path, std::uint64_t offset, std::size_t length) {
    std::string text(length, '\0');
    const auto file = base::open_file(path, O_RDONLY);
    if (!file) return "cannot open";
    const ssize_t got = ::pread(file->get(), text.data(), length, static_cast<off_t>(offset));
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

}  // namespace vmsecurity::filesystem::testing
