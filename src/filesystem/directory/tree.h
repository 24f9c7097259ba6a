#pragma once

#include <dirent.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::directory {

// Opens things below one directory without ever leaving it: every look-up is openat2(2) with
// RESOLVE_BENEATH and no symbolic or magic link, or names a single entry of a directory opened so.
class Tree {
  public:
    // `root` outlives the tree.
    Tree(int root, bool cross_mounts);

    // A directory, ready for getdents64(2). Paths longer than PATH_MAX are walked in pieces.
    base::Result<base::FileDescriptor> open_directory(std::string_view path) const;
    // An entry of the directory `parent`, for reading. Never blocks on a FIFO.
    base::Result<base::FileDescriptor> open_entry(int parent, const std::string& name) const;

    bool cross_mounts() const { return cross_mounts_; }

  private:
    int root_;
    bool cross_mounts_;
};

// "directory 'x'" and the like for messages, with odd bytes escaped.
std::string in_quotes(std::string_view path);

}  // namespace vmsecurity::filesystem::directory
