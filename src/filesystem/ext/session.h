#pragma once

#include <memory>

#include "filesystem/ext/handle.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::ext {

class ExtSession final : public Session {
  public:
    explicit ExtSession(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}

    Node root() const override;
    base::Result<void> list(const Node& directory,
                            const std::function<bool(const DirectoryEntry&)>& visit) override;
    base::Result<Node> child(const Node& directory, std::string_view name) override;
    base::Result<FileStatus> status(const Node& node) override;
    base::Result<std::string> read_link(const Node& link) override;
    base::Result<std::unique_ptr<FileReader>> open(const Node& file) override;

  private:
    // The inode of `node`, which must be of that type.
    base::Result<Inode> inode_of(const Node& node, FileType type) const;

    std::shared_ptr<const Handle> handle_;
};

}  // namespace vmsecurity::filesystem::ext
