#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

namespace vmsecurity::orchestrator {

// An object that has to be looked at: its collection and id.
struct WorkItem {
    std::string collection;
    std::string id;
    auto operator<=>(const WorkItem&) const = default;
};

// What has to be looked at, and when. An item waits in it once, however often it is added, at the
// earliest of its times; and it is never with two workers at once: what is added while a worker has
// it comes again when that one is done. Safe from many threads.
class WorkQueue {
  public:
    using Clock = std::chrono::steady_clock;

    void add(WorkItem item, std::chrono::milliseconds delay = {});

    // The next item that is due; waits for it. Nothing: `stop` was requested. Every item taken has
    // to be given back by done().
    std::optional<WorkItem> take(const std::stop_token& stop);
    void done(const WorkItem& item);

    // Forgets what waits; what workers have stays theirs.
    void clear();
    std::size_t waiting() const;

  private:
    void put(const WorkItem& item, Clock::time_point time);

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<WorkItem, Clock::time_point> times_;
    std::set<std::pair<Clock::time_point, WorkItem>> order_;
    // With a worker; the time for which it was added meanwhile.
    std::map<WorkItem, std::optional<Clock::time_point>> taken_;
};

}  // namespace vmsecurity::orchestrator
