#include "filesystem/directory/session.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>

#include "filesystem/directory/file_reader.h"
#include "filesystem/names.h"

namespace vmsecurity::filesystem::directory {

using base::ErrorCode;
using base::fail;
using base::FileDescriptor;
using base::Result;

namespace {

constexpr std::size_t kListBuffer = 64 * 1024;

FileType type_of_mode(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return FileType::kRegular;
        case S_IFDIR:
            return FileType::kDirectory;
        case S_IFLNK:
            return FileType::kSymlink;
        case S_IFCHR:
            return FileType::kCharacterDevice;
        case S_IFBLK:
            return FileType::kBlockDevice;
        case S_IFIFO:
            return FileType::kFifo;
        case S_IFSOCK:
            return FileType::kSocket;
        default:
            return FileType::kUnknown;
    }
}

// The record of getdents64(2), which no header of glibc names.
struct RecordHeader {
    std::uint64_t inode;
    std::int64_t next;
    std::uint16_t length;
    std::uint8_t type;
};
constexpr std::size_t kNameOffset = offsetof(RecordHeader, type) + 1;

}  // namespace

DirectorySession::DirectorySession(std::shared_ptr<const Root> root)
    : root_(std::move(root)), tree_(root_->descriptor.get(), root_->cross_mounts) {}

Node DirectorySession::root() const {
    return {"", root_->inode, FileType::kDirectory};
}

std::uint64_t DirectorySession::identity(std::uint64_t device, std::uint64_t inode) const {
    // Inode numbers repeat from one mount to the next; visitors tell directories apart by them.
    if (device == root_->device) return inode;
    return inode ^ (device * 0x9E3779B97F4A7C15ULL);
}

Result<DirectorySession::Descriptor> DirectorySession::directory_at(std::string_view path) {
    if (last_ && path == last_path_) return last_;
    VMSECURITY_ASSIGN(FileDescriptor opened, tree_.open_directory(path));
    last_ = std::make_shared<const FileDescriptor>(std::move(opened));
    last_path_ = path;
    return last_;
}

Result<void> DirectorySession::list(const Node& directory,
                                    const std::function<bool(const DirectoryEntry&)>& visit) {
    // A descriptor of its own, since the offset that getdents64 moves belongs to it.
    VMSECURITY_ASSIGN(FileDescriptor opened, tree_.open_directory(directory.path));
    const auto descriptor = std::make_shared<const FileDescriptor>(std::move(opened));
    last_ = descriptor;
    last_path_ = directory.path;

    std::uint64_t device = root_->device;
    if (tree_.cross_mounts()) {
        struct stat raw{};
        if (::fstat(descriptor->get(), &raw) != 0) {
            return fail(base::system_error(errno, "cannot examine " + in_quotes(directory.path)));
        }
        device = raw.st_dev;
    }
    // `visit` may list another directory with this session: that call makes a buffer of its own.
    std::unique_ptr<std::vector<char>> buffer = std::move(spare_buffer_);
    if (!buffer) buffer = std::make_unique<std::vector<char>>(kListBuffer);
    for (;;) {
        const long got =
            ::syscall(SYS_getdents64, descriptor->get(), buffer->data(), buffer->size());
        if (got < 0) {
            return fail(base::system_error(errno, "cannot list " + in_quotes(directory.path)));
        }
        if (got == 0) break;
        const std::string_view records(buffer->data(), static_cast<std::size_t>(got));
        for (std::size_t at = 0; at + kNameOffset < records.size();) {
            RecordHeader header{};
            std::memcpy(&header, records.data() + at, kNameOffset);
            if (header.length <= kNameOffset || header.length > records.size() - at) {
                // A FUSE server or a broken kernel; without this check the loop would not end.
                return fail(ErrorCode::kCorrupt,
                            "the kernel's list of " + in_quotes(directory.path) + " is malformed");
            }
            const std::string_view rest =
                records.substr(at + kNameOffset, header.length - kNameOffset);
            const std::string_view name = rest.substr(0, rest.find('\0'));
            at += header.length;
            if (!is_entry_name(name)) continue;
            const mode_t mode = static_cast<mode_t>(DTTOIF(header.type));
            if (!visit({name, identity(device, header.inode), type_of_mode(mode)})) {
                spare_buffer_ = std::move(buffer);
                return {};
            }
        }
    }
    spare_buffer_ = std::move(buffer);
    return {};
}

FileStatus DirectorySession::convert(const struct stat& raw) const {
    FileStatus status;
    status.type = type_of_mode(raw.st_mode);
    status.inode = identity(raw.st_dev, raw.st_ino);
    status.size = raw.st_size > 0 ? static_cast<std::uint64_t>(raw.st_size) : 0;
    status.permissions = raw.st_mode & 07777U;
    status.uid = raw.st_uid;
    status.gid = raw.st_gid;
    status.links = static_cast<std::uint32_t>(raw.st_nlink);
    status.modified = raw.st_mtim.tv_sec;
    return status;
}

Result<FileStatus> DirectorySession::status_at(int parent, const std::string& name,
                                               std::string_view path) const {
    if (!is_entry_name(name)) {
        return fail(ErrorCode::kInvalidArgument,
                    in_quotes(path) + " does not end in a file's name");
    }
    struct stat raw{};
    if (::fstatat(parent, name.c_str(), &raw, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
        return fail(base::system_error(errno, "cannot examine " + in_quotes(path)));
    }
    return convert(raw);
}

Result<Node> DirectorySession::child(const Node& directory, std::string_view name) {
    VMSECURITY_ASSIGN(const Descriptor parent, directory_at(directory.path));
    Node node{join_path(directory.path, name), 0, FileType::kUnknown};
    VMSECURITY_ASSIGN(const FileStatus status,
                      status_at(parent->get(), std::string(name), node.path));
    node.inode = status.inode;
    node.type = status.type;
    return node;
}

Result<FileStatus> DirectorySession::status(const Node& node) {
    if (node.path.empty()) {
        struct stat raw{};
        if (::fstat(root_->descriptor.get(), &raw) != 0) {
            return fail(base::system_error(errno, "cannot examine the root"));
        }
        return convert(raw);
    }
    const auto [parent_path, name] = split_last(node.path);
    VMSECURITY_ASSIGN(const Descriptor parent, directory_at(parent_path));
    return status_at(parent->get(), std::string(name), node.path);
}

Result<std::string> DirectorySession::read_link(const Node& link) {
    const auto [parent_path, name] = split_last(link.path);
    if (!is_entry_name(name)) {
        return fail(ErrorCode::kInvalidArgument, in_quotes(link.path) + " is not a symbolic link");
    }
    VMSECURITY_ASSIGN(const Descriptor parent, directory_at(parent_path));
    std::string target(PATH_MAX, '\0');
    const ssize_t length =
        ::readlinkat(parent->get(), std::string(name).c_str(), target.data(), target.size());
    if (length < 0) {
        return fail(base::system_error(errno, "cannot read the link " + in_quotes(link.path)));
    }
    target.resize(static_cast<std::size_t>(length));
    return target;
}

Result<std::unique_ptr<FileReader>> DirectorySession::open(const Node& file) {
    const auto [parent_path, name] = split_last(file.path);
    if (!is_entry_name(name)) {
        return fail(ErrorCode::kInvalidArgument, in_quotes(file.path) + " is not a regular file");
    }
    VMSECURITY_ASSIGN(const Descriptor parent, directory_at(parent_path));
    const std::string entry(name);
    // Opening a device can act on it (a tape rewinds), so look before; and again afterwards, since
    // the name may have changed hands in between.
    VMSECURITY_ASSIGN(const FileStatus before, status_at(parent->get(), entry, file.path));
    if (before.type != FileType::kRegular) {
        return fail(ErrorCode::kInvalidArgument, in_quotes(file.path) + " is not a regular file");
    }
    VMSECURITY_ASSIGN(FileDescriptor opened, tree_.open_entry(parent->get(), entry));
    struct stat after{};
    if (::fstat(opened.get(), &after) != 0) {
        return fail(base::system_error(errno, "cannot examine " + in_quotes(file.path)));
    }
    if (!S_ISREG(after.st_mode)) {
        return fail(ErrorCode::kInvalidArgument, in_quotes(file.path) + " is not a regular file");
    }
    return std::make_unique<DirectoryFileReader>(std::move(opened), file.path);
}

}  // namespace vmsecurity::filesystem::directory
