#include "filesystem/ext/session.h"

#include <optional>

#include "base/text.h"
#include "filesystem/ext/block_map.h"
#include "filesystem/ext/directory_reader.h"
#include "filesystem/ext/file_reader.h"
#include "filesystem/names.h"

namespace vmsecurity::filesystem::ext {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

// A link's target is a path; the kernel takes none longer than 4 KiB, block or not.
constexpr std::uint64_t kMaxTarget = 64 * 1024;

std::string_view name_of(FileType type) {
    switch (type) {
        case FileType::kDirectory:
            return "a directory";
        case FileType::kSymlink:
            return "a symbolic link";
        default:
            return "a regular file";
    }
}

}  // namespace

Node ExtSession::root() const {
    return {"", EXT2_ROOT_INO, FileType::kDirectory};
}

Result<Inode> ExtSession::inode_of(const Node& node, FileType type) const {
    VMSECURITY_ASSIGN(Inode inode, handle_->read_inode(node.inode));
    if (inode.type() != type) {
        return fail(
            ErrorCode::kInvalidArgument,
            "\"" + base::escape_bytes(node.path) + "\" is not " + std::string(name_of(type)),
            inode.where());
    }
    return inode;
}

Result<void> ExtSession::list(const Node& directory,
                              const std::function<bool(const DirectoryEntry&)>& visit) {
    VMSECURITY_ASSIGN(const Inode inode, inode_of(directory, FileType::kDirectory));
    return DirectoryReader(*handle_, inode, visit).run();
}

Result<Node> ExtSession::child(const Node& directory, std::string_view name) {
    std::optional<Node> found;
    if (!is_entry_name(name)) {
        return fail(ErrorCode::kInvalidArgument, "not the name of a file");
    }
    VMSECURITY_TRY(list(directory, [&](const DirectoryEntry& entry) {
        if (entry.name != name) return true;
        found = Node{join_path(directory.path, name), entry.inode, entry.type};
        return false;
    }));
    if (!found) {
        return fail(ErrorCode::kNotFound, "no such file or directory",
                    base::escape_bytes(join_path(directory.path, name)));
    }
    // The inode decides; the type in a directory is a copy, which old file systems lack.
    VMSECURITY_ASSIGN(const Inode inode, handle_->read_inode(found->inode));
    found->type = inode.type();
    return std::move(*found);
}

Result<FileStatus> ExtSession::status(const Node& node) {
    VMSECURITY_ASSIGN(const Inode inode, handle_->read_inode(node.inode));
    return inode.status();
}

Result<std::string> ExtSession::read_link(const Node& link) {
    VMSECURITY_ASSIGN(Inode inode, inode_of(link, FileType::kSymlink));
    if (inode.has(EXT4_ENCRYPT_FL)) {
        return fail(ErrorCode::kUnsupported, "the symbolic link is encrypted", inode.where());
    }
    if (inode.has(EXT4_INLINE_DATA_FL)) return inode.inline_content();
    const std::uint64_t size = inode.size();
    if (size < inode.block_area().size()) {
        return std::string(base::as_text(inode.block_area().first(static_cast<std::size_t>(size))));
    }
    if (size > kMaxTarget) {
        return fail(ErrorCode::kCorrupt, "a symbolic link claims an impossible length",
                    inode.where(), std::to_string(size) + " bytes");
    }
    std::string target(static_cast<std::size_t>(size), '\0');
    BlockFileReader reader(handle_, std::move(inode));
    VMSECURITY_TRY(reader.read(0, std::as_writable_bytes(std::span(target))));
    return target;
}

Result<std::unique_ptr<FileReader>> ExtSession::open(const Node& file) {
    VMSECURITY_ASSIGN(Inode inode, inode_of(file, FileType::kRegular));
    if (inode.has(EXT4_ENCRYPT_FL)) {
        return fail(ErrorCode::kUnsupported,
                    "the file is encrypted and cannot be read without the key", inode.where());
    }
    if (inode.has(EXT4_INLINE_DATA_FL)) {
        VMSECURITY_ASSIGN(std::string content, inode.inline_content());
        return std::make_unique<InlineFileReader>(std::move(content));
    }
    return std::make_unique<BlockFileReader>(handle_, std::move(inode));
}

}  // namespace vmsecurity::filesystem::ext
