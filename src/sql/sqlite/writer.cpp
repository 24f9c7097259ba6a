#include "sql/sqlite/writer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"

namespace vmsecurity::sql::sqlite {
namespace {

using base::ErrorCode;

// A group ends here even if more waits: the first of it wants its answer.
constexpr auto kGroupTime = std::chrono::milliseconds(20);
// How often work runs that others' failures took back.
constexpr int kMaxAttempts = 4;

// Frames of the log (a page each) after which it is copied into the database: when nothing waits,
// while work waits, and by making readers' snapshots end, because the log cannot start anew under
// them and reads get slower the longer it is.
constexpr int kIdleCheckpoint = 1000;
constexpr int kBusyCheckpoint = 8000;
constexpr int kForcedCheckpoint = 64000;
constexpr auto kForcedCheckpointWait = std::chrono::seconds(1);

}  // namespace

Writer::Writer(std::unique_ptr<SqliteConnection> connection, Subscribers& subscribers)
    : connection_(std::move(connection)), subscribers_(subscribers), thread_([this] { run(); }) {}

Writer::~Writer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    work_arrived_.notify_one();
    thread_.join();
}

base::Result<void> Writer::write(const Database::Work& work, Clock::time_point deadline,
                                 bool large) {
    Job job{.work = &work, .deadline = deadline, .large = large, .result = {}, .done = {}};
    std::unique_lock lock(mutex_);
    if (stopping_) return base::fail(ErrorCode::kUnavailable, "the database is being closed");
    auto& queue = large ? large_ : small_;
    queue.push_back(&job);
    work_arrived_.notify_one();
    if (!job.done.wait_until(lock, deadline, [&] { return !job.queued; })) {
        std::erase(queue, &job);
        return base::fail(ErrorCode::kUnavailable,
                          "the database was busy with other writes until the deadline");
    }
    // Whatever runs ends by the deadline or commits; both answers are true ones.
    job.done.wait(lock, [&] { return job.finished; });
    return std::move(job.result);
}

void Writer::run() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            work_arrived_.wait(lock,
                               [&] { return stopping_ || !small_.empty() || !large_.empty(); });
            if (stopping_) break;
        }
        run_group();
        bool idle = false;
        {
            const std::scoped_lock lock(mutex_);
            idle = small_.empty() && large_.empty();
        }
        checkpoint(idle);
    }
    const std::scoped_lock lock(mutex_);
    for (auto* queue : {&small_, &large_}) {
        for (Job* job : *queue) {
            job->result = base::fail(ErrorCode::kUnavailable, "the database is being closed");
            job->finished = true;
            job->done.notify_one();
        }
        queue->clear();
    }
}

// The next piece of work, or null. Large work has a transaction of its own.
Writer::Job* Writer::take(bool in_transaction) {
    const std::scoped_lock lock(mutex_);
    const bool take_large =
        !in_transaction && !large_.empty() && (large_is_next_ || small_.empty());
    auto& queue = take_large ? large_ : small_;
    if (queue.empty()) return nullptr;
    Job* job = queue.front();
    queue.pop_front();
    job->queued = false;
    large_is_next_ = !take_large;
    return job;
}

void Writer::run_group() {
    const auto start = Clock::now();
    Jobs succeeded;
    // Also the transaction of small work that failed is open still.
    while (Job* job = take(connection_->in_transaction())) {
        ++job->attempts;
        if (job->large) {
            run_large(*job);
            return;
        }
        if (!run_small(*job, succeeded)) return;
        if (Clock::now() - start >= kGroupTime) break;
    }
    if (!succeeded.empty()) commit(succeeded);
    if (connection_->in_transaction()) roll_back();
}

base::Result<void> Writer::call(Job& job) {
    connection_->set_deadline(job.deadline);
    base::Result<void> result;
    try {
        result = (*job.work)(*connection_);
    } catch (const std::exception& exception) {
        result =
            base::fail(ErrorCode::kInternal, "a database operation failed", {}, exception.what());
    }
    if (result && connection_->failure()) result = base::fail(*connection_->failure());
    connection_->set_deadline(Clock::time_point::max());
    return result;
}

// False if SQLite gave the whole transaction up (disk full, interrupted in the middle of a change):
// the group has ended then.
bool Writer::run_small(Job& job, Jobs& succeeded) {
    connection_->set_deadline(job.deadline);
    base::Result<void> result;
    if (!connection_->in_transaction()) result = connection_->run("BEGIN IMMEDIATE");
    const std::size_t notifications = connection_->notifications().size();
    if (result) result = connection_->run("SAVEPOINT work");
    if (result) result = call(job);
    connection_->set_deadline(Clock::time_point::max());
    if (result) result = connection_->run("RELEASE work");
    if (result) {
        succeeded.push_back(&job);
        return true;
    }
    connection_->notifications().resize(notifications);
    const base::Error error = result.error();
    if (connection_->in_transaction() &&
        (!connection_->run("ROLLBACK TO work") || !connection_->run("RELEASE work"))) {
        roll_back();
    }
    const bool alive = connection_->in_transaction() || succeeded.empty();
    finish(job, std::move(result));
    if (!alive) {
        connection_->notifications().clear();
        run_again(succeeded, false, error);
    }
    return alive;
}

void Writer::run_large(Job& job) {
    connection_->set_deadline(job.deadline);
    auto result = connection_->run("BEGIN IMMEDIATE");
    if (result) {
        if (auto worked = call(job); !worked) {
            roll_back();
            return finish(job, std::move(worked));
        }
        Jobs alone{&job};
        return commit(alone);
    }
    connection_->set_deadline(Clock::time_point::max());
    finish(job, base::fail(std::move(result).error()));
}

void Writer::commit(Jobs& jobs) {
    if (auto result = connection_->run("COMMIT"); !result) {
        base::Error error = std::move(result).error();
        roll_back();
        // A deferred constraint fails the transaction for one of them: each shows in its own which.
        if (error.code == ErrorCode::kInvalidArgument && jobs.size() > 1) {
            return run_again(jobs, true, error);
        }
        if (error.code == ErrorCode::kUnavailable) {
            error.message += "; whether the write is kept is unknown";
        }
        for (Job* job : jobs) finish(*job, base::fail(error));
        return;
    }
    // Listeners first: whoever has an answer may count on them having been told.
    for (const Notification& notification : std::exchange(connection_->notifications(), {})) {
        subscribers_.publish(notification);
    }
    for (Job* job : jobs) finish(*job, {});
}

void Writer::roll_back() {
    connection_->notifications().clear();
    if (!connection_->in_transaction()) return;
    if (auto result = connection_->run("ROLLBACK"); !result) {
        base::log::error("SQLite: {}", result.error().describe());
    }
}

void Writer::finish(Job& job, base::Result<void> result) {
    const std::scoped_lock lock(mutex_);
    job.result = std::move(result);
    job.finished = true;
    job.done.notify_one();  // under the lock: the job is gone once its thread has woken
}

void Writer::run_again(Jobs& jobs, bool alone, const base::Error& reason) {
    for (Job*& job : jobs) {
        if (job->attempts < kMaxAttempts) continue;
        finish(*job, base::fail(ErrorCode::kUnavailable,
                                "the database could not keep the write; try again", reason.where,
                                reason.describe()));
        job = nullptr;
    }
    std::erase(jobs, nullptr);
    const std::scoped_lock lock(mutex_);
    for (Job* job : jobs) job->large = job->large || alone;
    auto& queue = alone ? large_ : small_;
    queue.insert(queue.begin(), jobs.begin(), jobs.end());
}

void Writer::checkpoint(bool idle) {
    const int frames = connection_->log_frames();
    if (frames < (idle ? kIdleCheckpoint : kBusyCheckpoint)) return;
    const bool forced = frames >= kForcedCheckpoint;
    connection_->set_deadline(forced ? Clock::now() + kForcedCheckpointWait : Clock::now());
    const int code = sqlite3_wal_checkpoint_v2(
        connection_->handle(), nullptr,
        forced ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    connection_->set_deadline(Clock::time_point::max());
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        base::log::warning(
            "SQLite: {}",
            error_of(connection_->handle(), code, "copy the log into the database").describe());
    }
}

}  // namespace vmsecurity::sql::sqlite
