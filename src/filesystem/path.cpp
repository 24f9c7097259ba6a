#include "filesystem/path.h"

#include <string>
#include <utility>
#include <vector>

namespace vmsecurity::filesystem {

using base::ErrorCode;
using base::fail;
using base::Result;

std::string join_path(std::string_view directory, std::string_view name) {
    std::string path;
    path.reserve(directory.size() + 1 + name.size());
    path += directory;
    if (!directory.empty()) path += '/';
    path += name;
    return path;
}

namespace {

constexpr unsigned kMaxLinks = 40;
// Names that one resolution may step over, so that 40 long links cannot multiply into hours.
constexpr unsigned kMaxSteps = 64 * 1024;

// One name that is still to be walked, and whether a '/' came behind it (then it must be a
// directory, and a link is followed even if it is the last name).
struct Component {
    std::string name;
    bool slash_follows = false;
};

// Pushes the names of `path` on `pending`, the first one on top.
void push_components(std::string_view path, bool slash_follows, std::vector<Component>& pending) {
    std::size_t end = path.size();
    while (end > 0) {
        if (path[end - 1] == '/') {
            slash_follows = true;
            --end;
            continue;
        }
        const std::size_t slash = path.rfind('/', end - 1);
        const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
        pending.push_back({std::string(path.substr(begin, end - begin)), slash_follows});
        end = begin;
    }
}

class Resolver {
  public:
    Resolver(Session& session, std::string_view path, bool follow_last)
        : session_(session), follow_last_(follow_last) {
        trail_.push_back(session.root());
        push_components(path, false, pending_);
    }

    Result<Node> run() {
        while (!pending_.empty()) {
            if (++steps_ > kMaxSteps) {
                return fail(ErrorCode::kLimitExceeded, "the path has too many names");
            }
            const Component next = std::move(pending_.back());
            pending_.pop_back();
            VMSECURITY_TRY(step(next));
        }
        return std::move(trail_.back());
    }

  private:
    Result<void> step(const Component& next) {
        if (trail_.back().type != FileType::kDirectory) {
            return fail(ErrorCode::kNotFound, "a name on the way is not a directory",
                        trail_.back().path);
        }
        if (next.name == ".") return {};
        if (next.name == "..") {
            if (trail_.size() > 1) trail_.pop_back();
            return {};
        }
        VMSECURITY_ASSIGN(Node node, session_.child(trail_.back(), next.name));
        const bool follow = !pending_.empty() || next.slash_follows || follow_last_;
        if (node.type == FileType::kSymlink && follow) return enter_link(node, next.slash_follows);
        if (next.slash_follows && node.type != FileType::kDirectory) {
            return fail(ErrorCode::kNotFound, "not a directory", node.path);
        }
        trail_.push_back(std::move(node));
        return {};
    }

    Result<void> enter_link(const Node& link, bool slash_follows) {
        if (++links_ > kMaxLinks) {
            return fail(ErrorCode::kLimitExceeded, "too many symbolic links, probably a loop",
                        link.path);
        }
        VMSECURITY_ASSIGN(const std::string target, session_.read_link(link));
        if (target.empty()) {
            return fail(ErrorCode::kNotFound, "a symbolic link with an empty target", link.path);
        }
        if (target.front() == '/') trail_.resize(1);
        push_components(target, slash_follows, pending_);
        return {};
    }

    Session& session_;
    bool follow_last_;
    std::vector<Node> trail_;         // from the root to where the walk stands
    std::vector<Component> pending_;  // last one first
    unsigned links_ = 0;
    unsigned steps_ = 0;
};

}  // namespace

Result<Node> resolve(Session& session, std::string_view path, bool follow_last) {
    // Each name in `pending` costs an allocation: bound it by what a kernel would take, with room
    // for the real paths of very deep trees.
    constexpr std::size_t kMaxPath = 1 << 20;
    if (path.size() > kMaxPath) return fail(ErrorCode::kLimitExceeded, "the path is too long");
    return Resolver(session, path, follow_last).run();
}

}  // namespace vmsecurity::filesystem
