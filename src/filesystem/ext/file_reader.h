#pragma once

#include <memory>
#include <string>

#include "filesystem/ext/block_map.h"
#include "filesystem/ext/handle.h"

namespace vmsecurity::filesystem::ext {

// A regular file kept in blocks. What lies together on the disk and is asked for at once is read at
// once, straight into the caller's buffer.
class BlockFileReader final : public FileReader {
  public:
    BlockFileReader(std::shared_ptr<const Handle> handle, Inode inode);
    base::Result<std::size_t> read(std::uint64_t offset, base::MutableByteSpan out) override;

  private:
    std::shared_ptr<const Handle> handle_;
    Inode inode_;
    std::unique_ptr<BlockMap> map_;
};

// A small file whose content is in the inode.
class InlineFileReader final : public FileReader {
  public:
    explicit InlineFileReader(std::string content) : content_(std::move(content)) {}
    base::Result<std::size_t> read(std::uint64_t offset, base::MutableByteSpan out) override;

  private:
    std::string content_;
};

}  // namespace vmsecurity::filesystem::ext
