#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "filesystem/directory/tree.h"
#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::directory {

// The root and what was found out about it, shared by the sessions.
struct Root {
    base::FileDescriptor descriptor;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    bool cross_mounts = false;
};

class DirectorySession final : public Session {
  public:
    explicit DirectorySession(std::shared_ptr<const Root> root);

    Node root() const override;
    base::Result<void> list(const Node& directory,
                            const std::function<bool(const DirectoryEntry&)>& visit) override;
    base::Result<Node> child(const Node& directory, std::string_view name) override;
    base::Result<FileStatus> status(const Node& node) override;
    base::Result<std::string> read_link(const Node& link) override;
    base::Result<std::unique_ptr<FileReader>> open(const Node& file) override;

  private:
    using Descriptor = std::shared_ptr<const base::FileDescriptor>;

    // The directory at `path`. The one used last stays open: what comes after a listing is mostly
    // about its own entries.
    base::Result<Descriptor> directory_at(std::string_view path);
    base::Result<FileStatus> status_at(int parent, const std::string& name,
                                       std::string_view path) const;
    FileStatus convert(const struct stat& raw) const;
    std::uint64_t identity(std::uint64_t device, std::uint64_t inode) const;

    std::shared_ptr<const Root> root_;
    Tree tree_;
    std::string last_path_;
    Descriptor last_;
    std::unique_ptr<std::vector<char>> spare_buffer_;
};

}  // namespace vmsecurity::filesystem::directory
