#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "filesystem/file_system.h"

namespace vmsecurity::scan::walk {

struct PendingDirectory {
    filesystem::Node node;
    std::uint32_t depth = 0;
};

// The directories that are still to be listed, shared by the walk's threads. Last in, first out:
// the walk goes deep, so that little waits.
class DirectoryStack {
  public:
    void push(std::vector<PendingDirectory> directories) {
        const std::lock_guard lock(mutex_);
        for (auto& directory : directories) stack_.push_back(std::move(directory));
        changed_.notify_all();
    }

    // The next directory; waits while others may still find some. `before_waiting` runs, unlocked,
    // if it has to wait. Nothing once all is done or stop() was called. Each one taken is ended by
    // done().
    std::optional<PendingDirectory> take(const std::function<void()>& before_waiting) {
        std::unique_lock lock(mutex_);
        if (stack_.empty() && busy_ > 0 && !stopped_) {
            lock.unlock();
            before_waiting();
            lock.lock();
        }
        changed_.wait(lock, [&] { return stopped_ || !stack_.empty() || busy_ == 0; });
        if (stopped_ || stack_.empty()) return std::nullopt;
        PendingDirectory next = std::move(stack_.back());
        stack_.pop_back();
        ++busy_;
        return next;
    }
    void done() {
        const std::lock_guard lock(mutex_);
        if (--busy_ == 0 && stack_.empty()) changed_.notify_all();
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }
    std::size_t pending() const {
        const std::lock_guard lock(mutex_);
        return stack_.size();
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<PendingDirectory> stack_;
    std::size_t busy_ = 0;
    bool stopped_ = false;
};

// Directories already seen, by inode: a damaged file system can list one twice or inside itself.
class VisitedDirectories {
  public:
    bool insert(std::uint64_t inode) {
        const std::lock_guard lock(mutex_);
        return seen_.insert(inode).second;
    }

  private:
    std::mutex mutex_;
    std::unordered_set<std::uint64_t> seen_;
};

}  // namespace vmsecurity::scan::walk
