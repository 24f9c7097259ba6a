#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "filesystem/ext/library.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::ext {

// An inode as the disk has it (kernel: Documentation/filesystems/ext4/inodes.rst).
class Inode {
  public:
    Inode(std::uint64_t number, std::vector<std::byte> bytes);

    std::uint64_t number() const { return number_; }
    FileType type() const;
    std::uint64_t size() const;
    bool has(std::uint32_t flag) const { return (raw_.i_flags & flag) != 0; }
    FileStatus status() const;

    // The 60 bytes that hold the block map, the root of the extent tree, a short link or the
    // beginning of inline data.
    base::ByteSpan block_area() const;
    // What inline_data keeps behind those 60 bytes: the extended attribute "system.data" in the
    // inode itself, possibly empty.
    base::Result<base::ByteSpan> inline_tail() const;
    // All inline data, cut at size().
    base::Result<std::string> inline_content() const;

    // The fields of the large inode; zero where this inode is shorter.
    const ext2_inode_large& raw() const { return raw_; }
    std::string where() const { return "inode " + std::to_string(number_); }

  private:
    // A field of the large inode exists if i_extra_isize reaches over it.
    bool has_extra(std::size_t end_of_field) const;

    std::uint64_t number_;
    std::vector<std::byte> bytes_;
    ext2_inode_large raw_{};
};

}  // namespace vmsecurity::filesystem::ext
