#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vmsecurity::filesystem {

enum class FileType : std::uint8_t {
    kUnknown,
    kRegular,
    kDirectory,
    kSymlink,
    kCharacterDevice,
    kBlockDevice,
    kFifo,
    kSocket,
};

// A place in a file system. `path` is relative to its root, raw bytes, '/' between names, "" for
// the root itself; `inode` is what a disk reader finds the file by.
struct Node {
    std::string path;
    std::uint64_t inode = 0;
    FileType type = FileType::kUnknown;
};

// One name in a directory. `name` is valid only during the callback; never "." or "..", never
// empty, no '/'.
struct DirectoryEntry {
    std::string_view name;
    std::uint64_t inode = 0;
    FileType type = FileType::kUnknown;  // kUnknown where the directory does not say: call stat()
};

struct FileStatus {
    FileType type = FileType::kUnknown;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;         // bytes, as the inode claims
    std::uint32_t permissions = 0;  // the low 12 bits of st_mode
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t links = 0;
    std::int64_t modified = 0;  // seconds since 1970
};

// The content of one regular file.
class FileReader {
  public:
    virtual ~FileReader() = default;
    // Reads up to out.size() bytes at `offset`; 0 at the end. Holes read as zeros.
    virtual base::Result<std::size_t> read(std::uint64_t offset, base::MutableByteSpan out) = 0;
};

// One thread's view of a file system: not to be shared between threads, as many as wanted at once.
// No call follows a symbolic link; resolve() in path.h does, inside the root. Damage is an Error of
// the one call that met it.
class Session {
  public:
    virtual ~Session() = default;

    virtual Node root() const = 0;
    // Calls `visit` for each entry, in the order of the disk. `visit` answers false to stop early.
    // An error in the middle comes after the entries that could be read.
    virtual base::Result<void> list(const Node& directory,
                                    const std::function<bool(const DirectoryEntry&)>& visit) = 0;
    // The entry `name` of `directory`; kNotFound if there is none.
    virtual base::Result<Node> child(const Node& directory, std::string_view name) = 0;
    virtual base::Result<FileStatus> status(const Node& node) = 0;
    virtual base::Result<std::string> read_link(const Node& link) = 0;
    virtual base::Result<std::unique_ptr<FileReader>> open(const Node& file) = 0;
};

struct FileSystemInfo {
    std::string kind;                    // "ext4", "directory"
    std::string uuid;                    // empty if it has none
    std::string label;                   // raw bytes
    std::optional<std::uint64_t> files;  // inodes in use, for progress; absent if unknown
    std::optional<std::uint64_t> used_bytes;
    bool may_loop = false;           // damage may list a directory twice or inside itself
    std::vector<std::string> notes;  // for coverage, e.g. "journal not replayed"
};

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    virtual const FileSystemInfo& info() const = 0;
    virtual base::Result<std::unique_ptr<Session>> open_session() const = 0;  // thread-safe
};

// "a/b" + "c"; "" + "c" is "c".
std::string join_path(std::string_view directory, std::string_view name);

}  // namespace vmsecurity::filesystem
