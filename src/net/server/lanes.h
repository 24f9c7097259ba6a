#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/server/handler.h"
#include "net/server/server.h"

namespace vmsecurity::net {

// What a lane's thread does for one request.
class Job {
  public:
    virtual ~Job() = default;
    virtual void run() noexcept = 0;
};

// The pools of threads, one for each Lane.
class Lanes {
  public:
    explicit Lanes(const std::array<LaneSize, 4>& sizes);
    ~Lanes() { stop(); }
    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    // False if the lane is full or stopped: the job is not taken.
    bool submit(Lane lane, std::shared_ptr<Job> job);
    // Whether submit() would refuse now.
    bool is_full(Lane lane) const;
    // Runs what was taken to its end and joins the threads.
    void stop();

    struct Load {
        std::size_t waiting = 0;
        std::size_t running = 0;
        std::uint64_t rejected = 0;  // since the start
    };
    Load load(Lane lane) const;

  private:
    struct Pool {
        LaneSize size;
        mutable std::mutex mutex;
        std::condition_variable ready;
        std::deque<std::shared_ptr<Job>> waiting;
        std::size_t running = 0;
        std::uint64_t rejected = 0;
        bool stopped = false;
        std::vector<std::thread> threads;

        // Threads that are free count as room, so that a lane without a queue still works.
        bool full() const { return waiting.size() + running >= size.waiting + size.threads; }
        void work();
    };
    Pool& pool(Lane lane) { return pools_[static_cast<std::size_t>(lane)]; }
    const Pool& pool(Lane lane) const { return pools_[static_cast<std::size_t>(lane)]; }

    std::array<Pool, 4> pools_;
};

}  // namespace vmsecurity::net
