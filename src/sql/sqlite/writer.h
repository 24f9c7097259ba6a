#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "sql/database.h"
#include "sql/sqlite/connection.h"
#include "sql/subscribers.h"

namespace vmsecurity::sql::sqlite {

// The one thread that writes. A commit costs a sync of the disk, so what waits in the queue shares
// one: each piece of work runs in a savepoint of its own, and fails alone. Large work has a
// transaction to itself, and takes turns with groups of small work.
class Writer {
  public:
    using Clock = std::chrono::steady_clock;

    Writer(std::unique_ptr<SqliteConnection> connection, Subscribers& subscribers);
    // Work that waits is answered kUnavailable; what runs ends first.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    base::Result<void> write(const Database::Work& work, Clock::time_point deadline, bool large);

  private:
    // Lives on the stack of the thread that waits for it.
    struct Job {
        const Database::Work* work;
        Clock::time_point deadline;
        bool large;
        bool queued = true;  // false once the writer has taken it
        bool finished = false;
        int attempts = 0;
        base::Result<void> result;
        std::condition_variable done;
    };
    using Jobs = std::vector<Job*>;

    void run();
    Job* take(bool in_transaction);
    void run_group();
    bool run_small(Job& job, Jobs& succeeded);
    void run_large(Job& job);
    void commit(Jobs& jobs);
    void roll_back();
    void finish(Job& job, base::Result<void> result);
    void run_again(Jobs& jobs, bool alone, const base::Error& reason);
    base::Result<void> call(Job& job);
    void checkpoint(bool idle);

    std::unique_ptr<SqliteConnection> connection_;
    Subscribers& subscribers_;

    std::mutex mutex_;
    std::condition_variable work_arrived_;
    std::deque<Job*> small_;
    std::deque<Job*> large_;
    bool large_is_next_ = false;
    bool stopping_ = false;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace vmsecurity::sql::sqlite
