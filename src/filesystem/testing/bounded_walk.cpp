#include "filesystem/testing/bounded_walk.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "filesystem/path.h"

namespace vmsecurity::filesystem::testing {

namespace {

class Walk {
  public:
    Walk(Session& session, const WalkLimits& limits) : session_(session), limits_(limits) {}

    WalkReport run() {
        pending_.push_back(session_.root());
        while (!pending_.empty() && report_.entries < limits_.entries) {
            const Node node = std::move(pending_.back());
            pending_.pop_back();
            if (node.type == FileType::kDirectory) {
                if (visited_.insert(node.inode).second) list(node);
            } else {
                examine(node);
            }
        }
        return report_;
    }

  private:
    void list(const Node& directory) {
        ++report_.directories;
        const auto listed = session_.list(directory, [&](const DirectoryEntry& entry) {
            Node node{join_path(directory.path, entry.name), entry.inode, entry.type};
            if (auto status = session_.status(node)) {
                node.type = status->type;
            } else {
                ++report_.errors;
            }
            pending_.push_back(std::move(node));
            return ++report_.entries < limits_.entries;
        });
        if (!listed) ++report_.errors;
    }

    void examine(const Node& node) {
        if (node.type == FileType::kSymlink) {
            if (!session_.read_link(node)) ++report_.errors;
            if (!resolve(session_, node.path)) ++report_.errors;
            return;
        }
        if (node.type == FileType::kRegular) read(node);
    }

    void read(const Node& file) {
        const auto status = session_.status(file);
        auto reader = session_.open(file);
        if (!status || !reader) {
            ++report_.errors;
            return;
        }
        const std::uint64_t size = status->size;
        const std::uint64_t first = std::min(size, limits_.bytes_per_file);
        for (std::uint64_t offset = 0; offset < first; offset += buffer_.size()) {
            if (!read_at(**reader, offset)) break;
        }
        read_at(**reader, size / 2);
        read_at(**reader, size - std::min<std::uint64_t>(size, buffer_.size()));
    }

    bool read_at(FileReader& reader, std::uint64_t offset) {
        if (report_.bytes >= limits_.total_bytes) return false;
        const auto got = reader.read(offset, buffer_);
        if (!got) {
            ++report_.errors;
            return false;
        }
        report_.bytes += *got;
        return *got > 0;
    }

    Session& session_;
    WalkLimits limits_;
    WalkReport report_;
    std::vector<Node> pending_;
    std::unordered_set<std::uint64_t> visited_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(64 * 1024);
};

}  // namespace

WalkReport walk_bounded(const FileSystem& file_system, const WalkLimits& limits) {
    auto session = file_system.open_session();
    if (!session) return {0, 0, 0, 1};
    return Walk(**session, limits).run();
}

}  // namespace vmsecurity::filesystem::testing
