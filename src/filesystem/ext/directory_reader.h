#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "filesystem/ext/block_map.h"
#include "filesystem/ext/handle.h"

namespace vmsecurity::filesystem::ext {

// Lists one directory, whatever its form: linear, hashed (whose index blocks look like one unused
// entry) or inline. Format: kernel, Documentation/filesystems/ext4/directory.rst.
class DirectoryReader {
  public:
    using Visit = std::function<bool(const DirectoryEntry&)>;

    DirectoryReader(const Handle& handle, const Inode& directory, const Visit& visit)
        : handle_(handle), directory_(directory), visit_(visit) {}

    // An error comes last, after all entries that could be read, and is the first that was met.
    base::Result<void> run();

  private:
    enum class Next { kContinue, kStop };

    base::Result<void> run_inline();
    void run_blocks();
    Next visit_run(std::uint64_t first, std::uint64_t count);
    Next visit_block(base::ByteSpan block, std::uint64_t number);
    bool is_new(std::uint64_t first, std::uint64_t count);
    std::optional<std::string> entry_damage(std::string_view name, std::uint64_t inode) const;
    // Remembers the first error; kStop when there were so many that going on is pointless.
    Next damaged(base::Error error);
    Next damaged(std::string cause, std::uint64_t block);

    const Handle& handle_;
    const Inode& directory_;
    const Visit& visit_;
    bool stopped_ = false;  // by the visitor
    unsigned damages_ = 0;
    std::optional<base::Error> first_error_;
    std::vector<std::byte> buffer_;
    std::map<std::uint64_t, std::uint64_t> seen_;  // blocks read: first -> end
};

}  // namespace vmsecurity::filesystem::ext
