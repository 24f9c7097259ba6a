#include "scan/walk/walk_thread.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "filesystem/path.h"

namespace vmsecurity::scan::walk {

using filesystem::FileType;
using filesystem::Node;

namespace {

constexpr std::size_t kMaxPath = 16 * 1024;  // bytes; messages carry paths whole
constexpr std::uint64_t kEntriesPerUpdate = 1024;

}  // namespace

Walker::Thread::Thread(Walker& walker, filesystem::Session& session)
    : walker_(walker),
      session_(session),
      writer_(walker.request_.volume, walker.credit_, walker.bytes_read_, walker.consumer_) {}

Walker::Thread::~Thread() {
    flush();
}

void Walker::Thread::run() {
    while (auto directory = walker_.stack_.take([&] { flush(); })) {
        visit(*directory);
        walker_.stack_.done();
    }
}

void Walker::Thread::flush() {
    if (auto sent = writer_.flush(); !sent) walker_.fail(std::move(sent).error());
}

void Walker::Thread::set_current(const std::string& path) {
    const std::lock_guard lock(walker_.mutex_);
    walker_.current_path_ = path;
}

void Walker::Thread::read_exact_paths() {
    for (const auto& exact : walker_.matcher_.exact_paths()) {
        if (walker_.excluded_with_parents(exact.path)) {
            walker_.note(model::CoverageState::kSkipped, exact.path, "excluded");
            continue;
        }
        const auto node = filesystem::resolve(session_, exact.path);
        if (!node) {
            if (node.error().code != base::ErrorCode::kNotFound) {
                walker_.note(exact.path, node.error());
            }
            continue;
        }
        if (walker_.excluded_with_parents(node->path)) {
            walker_.note(model::CoverageState::kSkipped, exact.path, "excluded");
            continue;
        }
        if (node->type != FileType::kRegular) {
            walker_.note(model::CoverageState::kFailed, exact.path, "it is not a regular file");
            continue;
        }
        if (node->path == exact.path) walker_.read_first_.insert(exact.path);
        read(*node, exact.path, exact.wishes);
    }
    flush();
}

void Walker::Thread::visit(const PendingDirectory& directory) {
    const auto active = walker_.matcher_.active_in(directory.node.path);
    found_directories_.clear();
    hits_.clear();
    set_current(directory.node.path);
    std::uint64_t count = 0;
    const auto listed = session_.list(directory.node, [&](const filesystem::DirectoryEntry& entry) {
        if (++count % kEntriesPerUpdate == 0) walker_.entries_ += kEntriesPerUpdate;
        sort_entry(directory, active, entry);
        return true;
    });
    walker_.entries_ += count % kEntriesPerUpdate;
    ++walker_.directories_;
    if (!listed) walker_.note(directory.node.path, listed.error());

    walker_.stack_.push(std::move(found_directories_));
    found_directories_ = {};
    for (const Hit& hit : hits_) {
        if (walker_.read_first_.contains(hit.node.path)) continue;
        read(hit.node, hit.node.path, hit.wishes);
    }
}

void Walker::Thread::sort_entry(const PendingDirectory& directory,
                                const matching::WantMatcher::Active& active,
                                const filesystem::DirectoryEntry& entry) {
    FileType type = entry.type;
    if (type != FileType::kDirectory && type != FileType::kRegular && type != FileType::kSymlink &&
        type != FileType::kUnknown) {
        return;
    }
    std::vector<matching::Wish> wishes;
    if (type != FileType::kDirectory && !active.empty()) wishes = active.wishes_for(entry.name);
    if (wishes.empty() && type != FileType::kDirectory && type != FileType::kUnknown) return;

    Node node{filesystem::join_path(directory.node.path, entry.name), entry.inode, type};
    if (node.path.size() > kMaxPath) {
        walker_.note(model::CoverageState::kTruncated, node.path.substr(0, kMaxPath),
                     "its path is longer than 16 KiB");
        return;
    }
    if (!walker_.excludes_.empty() && walker_.excluded(node.path)) {
        walker_.note(model::CoverageState::kSkipped, node.path, "excluded");
        return;
    }
    if (type == FileType::kUnknown) {
        const auto status = session_.status(node);
        if (!status) {
            walker_.note(node.path, status.error());
            return;
        }
        node.type = status->type;
    }
    if (node.type == FileType::kDirectory) {
        enter(directory, std::move(node));
    } else if (!wishes.empty()) {
        hits_.push_back({std::move(node), std::move(wishes)});
    }
}

void Walker::Thread::enter(const PendingDirectory& parent, Node node) {
    if (parent.depth + 1 > walker_.request_.max_depth) {
        walker_.note(
            model::CoverageState::kTruncated, node.path,
            fmt::format("deeper than {} directories (--max-depth)", walker_.request_.max_depth));
    } else if (walker_.file_system_.info().may_loop && !walker_.visited_.insert(node.inode)) {
        walker_.note(model::CoverageState::kFailed, node.path,
                     "the directory was already seen elsewhere: the tree is damaged");
    } else {
        found_directories_.push_back({std::move(node), parent.depth + 1});
    }
}

void Walker::Thread::read(const Node& node, std::string_view wanted_path,
                          const std::vector<matching::Wish>& wishes) {
    Node target = node;
    if (target.type == FileType::kSymlink) {
        auto resolved = filesystem::resolve(session_, node.path);
        if (!resolved) {
            // A link to nowhere has nothing to read; a loop or an unreadable directory on the way
            // is worth a line.
            if (resolved.error().code != base::ErrorCode::kNotFound) {
                walker_.note(node.path, resolved.error());
            }
            return;
        }
        target = std::move(*resolved);
        if (!walker_.excludes_.empty() && walker_.excluded_with_parents(target.path)) {
            walker_.note(model::CoverageState::kSkipped, wanted_path, "excluded");
            return;
        }
    }
    const auto status = session_.status(target);
    if (!status) {
        walker_.note(wanted_path, status.error());
        return;
    }
    if (status->type != FileType::kRegular) return;

    std::uint64_t length = 0;
    protocol::BatchEntry entry{std::string(wanted_path), *status, 0, {}};
    for (const matching::Wish& wish : wishes) {
        const std::uint64_t wanted =
            wish.prefix_bytes == 0 ? status->size : std::min(wish.prefix_bytes, status->size);
        if (wanted > walker_.request_.max_file_size) {
            walker_.note(model::CoverageState::kTruncated, wanted_path,
                         fmt::format("{} is more than the limit of {} (--max-file-size)",
                                     base::format_size(status->size),
                                     base::format_size(walker_.request_.max_file_size)));
            continue;
        }
        length = std::max(length, wanted);
        entry.units.push_back({wish.analyzer, wish.prefix_bytes});
    }
    if (entry.units.empty()) return;
    set_current(target.path);
    const auto reader = session_.open(target);
    if (!reader) {
        walker_.note(wanted_path, reader.error());
        return;
    }
    const auto copied = writer_.add(std::move(entry), **reader, length);
    if (!copied) {
        walker_.note(wanted_path, copied.error());
        return;
    }
    ++walker_.files_read_;
}

}  // namespace vmsecurity::scan::walk
