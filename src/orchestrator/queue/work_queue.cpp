#include "orchestrator/queue/work_queue.h"

#include <algorithm>

namespace vmsecurity::orchestrator {

void WorkQueue::put(const WorkItem& item, Clock::time_point time) {
    const auto [place, is_new] = times_.try_emplace(item, time);
    if (!is_new) {
        if (place->second <= time) return;
        order_.erase({place->second, item});
        place->second = time;
    }
    order_.emplace(time, item);
    changed_.notify_one();
}

void WorkQueue::add(WorkItem item, std::chrono::milliseconds delay) {
    const auto time = Clock::now() + delay;
    const std::lock_guard lock(mutex_);
    if (const auto taken = taken_.find(item); taken != taken_.end()) {
        taken->second = std::min(taken->second.value_or(time), time);
        return;
    }
    put(item, time);
}

std::optional<WorkItem> WorkQueue::take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        if (order_.empty()) {
            changed_.wait(lock, stop, [this] { return !order_.empty(); });
            continue;
        }
        const auto time = order_.begin()->first;
        if (time > Clock::now()) {
            // Woken early where something else is due before.
            changed_.wait_until(lock, stop, time,
                                [&] { return !order_.empty() && order_.begin()->first < time; });
            continue;
        }
        WorkItem item = order_.begin()->second;
        order_.erase(order_.begin());
        times_.erase(item);
        taken_.try_emplace(item);
        // Others may have waited for the later of two moments.
        if (!order_.empty()) changed_.notify_one();
        return item;
    }
    return std::nullopt;
}

void WorkQueue::done(const WorkItem& item) {
    const std::lock_guard lock(mutex_);
    const auto taken = taken_.find(item);
    if (taken == taken_.end()) return;
    const auto again = taken->second;
    taken_.erase(taken);
    if (again) put(item, *again);
}

void WorkQueue::clear() {
    const std::lock_guard lock(mutex_);
    times_.clear();
    order_.clear();
    for (auto& [item, again] : taken_) again.reset();
}

std::size_t WorkQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return order_.size();
}

}  // namespace vmsecurity::orchestrator
