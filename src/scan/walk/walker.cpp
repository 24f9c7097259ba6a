#include "scan/walk/walker.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "filesystem/path.h"
#include "scan/coverage_state.h"
#include "scan/walk/walk_thread.h"

namespace vmsecurity::scan::walk {
namespace {

constexpr std::size_t kMaxRootLinks = 64;
constexpr std::size_t kMaxRootLinkTarget = 256;  // none of those that matter is longer
constexpr std::size_t kMaxShownPath = 4096;

// Links in the root directory, such as /lib -> usr/lib, give files two names; who compares paths
// needs to know them.
base::Result<std::vector<protocol::RootLink>> read_root_links(filesystem::Session& session) {
    std::vector<filesystem::Node> links;
    VMSECURITY_TRY(session.list(session.root(), [&](const filesystem::DirectoryEntry& entry) {
        if (entry.type == filesystem::FileType::kSymlink) {
            links.push_back({std::string(entry.name), entry.inode, entry.type});
        }
        return links.size() < kMaxRootLinks;
    }));
    std::vector<protocol::RootLink> found;
    for (const filesystem::Node& link : links) {
        const auto target = session.read_link(link);
        if (target && target->size() <= kMaxRootLinkTarget) found.push_back({link.path, *target});
    }
    std::ranges::sort(found, {}, &protocol::RootLink::name);
    return found;
}

}  // namespace

Walker::Walker(const filesystem::FileSystem& file_system, const protocol::WalkRequest& request,
               matching::WantMatcher matcher, std::vector<matching::Glob> excludes,
               BatchConsumer consumer)
    : file_system_(file_system),
      request_(request),
      matcher_(std::move(matcher)),
      excludes_(std::move(excludes)),
      consumer_([this, consume = std::move(consumer)](const protocol::Batch& batch,
                                                      const base::FileDescriptor& contents) {
          auto sent = consume(batch, contents);
          // The batch is gone with its files, so the walk must not pass for whole.
          if (!sent) fail(sent.error());
          return sent;
      }),
      credit_(request.credit) {}

base::Result<std::unique_ptr<Walker>> Walker::make(const filesystem::FileSystem& file_system,
                                                   const protocol::WalkRequest& request,
                                                   BatchConsumer consumer) {
    VMSECURITY_ASSIGN(auto matcher, matching::WantMatcher::make(request.wanted));
    std::vector<matching::Glob> excludes;
    excludes.reserve(request.excludes.size());
    for (const std::string& pattern : request.excludes) {
        VMSECURITY_ASSIGN(excludes.emplace_back(), matching::Glob::parse(pattern));
    }
    return std::unique_ptr<Walker>(new Walker(file_system, request, std::move(matcher),
                                              std::move(excludes), std::move(consumer)));
}

base::Result<protocol::WalkDone> Walker::run() {
    protocol::WalkDone done;
    const std::uint32_t threads = std::max(1U, request_.io_threads);
    std::vector<std::unique_ptr<filesystem::Session>> sessions;
    for (std::uint32_t i = 0; i < threads; ++i) {
        VMSECURITY_ASSIGN(sessions.emplace_back(), file_system_.open_session());
    }
    if (auto links = read_root_links(*sessions.front())) done.root_links = std::move(*links);

    {
        Thread first(*this, *sessions.front());
        first.read_exact_paths();
    }
    const filesystem::Node root = sessions.front()->root();
    visited_.insert(root.inode);
    stack_.push({{root, 0}});
    std::vector<std::jthread> running;
    for (const auto& session : sessions) {
        running.emplace_back([this, &session] {
            Thread thread(*this, *session);
            thread.run();
        });
    }
    running.clear();  // joins

    const std::lock_guard lock(mutex_);
    if (failure_) return base::fail(*failure_);
    done.totals = {directories_, entries_, files_read_, bytes_read_, 0, false, {}};
    return done;
}

void Walker::stop() {
    stack_.stop();
    credit_.close();
}

void Walker::fail(base::Error error) {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::move(error);
    }
    stop();
}

protocol::Progress Walker::progress() const {
    const std::lock_guard lock(mutex_);
    return {directories_,
            entries_,
            files_read_,
            bytes_read_,
            stack_.pending(),
            credit_.somebody_waits(),
            current_path_.substr(0, kMaxShownPath)};
}

std::vector<model::CoverageEntry> Walker::take_coverage() {
    const std::lock_guard lock(mutex_);
    return coverage_.take();
}

void Walker::note(model::CoverageState state, std::string_view path, std::string reason) {
    const std::lock_guard lock(mutex_);
    coverage_.add(
        {model::CoverageScope::kFile, "/" + base::escape_bytes(path), state, std::move(reason), 1});
}

void Walker::note(std::string_view path, const base::Error& error) {
    // The place within the file would make every reason unique; the path says enough.
    std::string reason = error.message;
    if (!error.cause.empty()) reason += ": " + error.cause;
    note(coverage_state(error), path, base::escape_bytes(reason));
}

bool Walker::excluded_with_parents(std::string_view path) const {
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
        if (excluded(path.substr(0, slash))) return true;
    }
    return excluded(path);
}

bool Walker::excluded(std::string_view path) const {
    return std::ranges::any_of(excludes_,
                               [&](const matching::Glob& glob) { return glob.matches(path); });
}

}  // namespace vmsecurity::scan::walk
