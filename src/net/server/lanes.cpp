#include "net/server/lanes.h"

#include <algorithm>
#include <utility>

namespace vmsecurity::net {

Lanes::Lanes(const std::array<LaneSize, 4>& sizes) {
    for (std::size_t i = 0; i < pools_.size(); ++i) {
        Pool& pool = pools_[i];
        pool.size = sizes[i];
        pool.size.threads = std::max(1U, pool.size.threads);
        for (unsigned n = 0; n < pool.size.threads; ++n) {
            pool.threads.emplace_back([&pool] { pool.work(); });
        }
    }
}

bool Lanes::submit(Lane lane, std::shared_ptr<Job> job) {
    Pool& target = pool(lane);
    {
        const std::lock_guard lock(target.mutex);
        if (target.stopped || target.full()) {
            ++target.rejected;
            return false;
        }
        target.waiting.push_back(std::move(job));
    }
    target.ready.notify_one();
    return true;
}

bool Lanes::is_full(Lane lane) const {
    const Pool& target = pool(lane);
    const std::lock_guard lock(target.mutex);
    return target.stopped || target.full();
}

void Lanes::stop() {
    for (Pool& pool : pools_) {
        const std::lock_guard lock(pool.mutex);
        pool.stopped = true;
        pool.ready.notify_all();
    }
    for (Pool& pool : pools_) {
        for (std::thread& thread : pool.threads) {
            if (thread.joinable()) thread.join();
        }
    }
}

Lanes::Load Lanes::load(Lane lane) const {
    const Pool& target = pool(lane);
    const std::lock_guard lock(target.mutex);
    return {target.waiting.size(), target.running, target.rejected};
}

void Lanes::Pool::work() {
    std::unique_lock lock(mutex);
    while (true) {
        ready.wait(lock, [this] { return stopped || !waiting.empty(); });
        if (waiting.empty()) return;
        const std::shared_ptr<Job> job = std::move(waiting.front());
        waiting.pop_front();
        ++running;
        lock.unlock();
        job->run();
        lock.lock();
        --running;
    }
}

}  // namespace vmsecurity::net
