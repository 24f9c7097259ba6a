#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/connection.h"

namespace vmsecurity::sql {

// A database with its connections: many readers, each in a snapshot of its own, and writers whose
// work is durable when write() returns. Safe to use from many threads.
//
// Errors of both: kUnavailable (cannot connect, pool exhausted until the deadline, disk full; worth
// trying again), kInvalidArgument with where = "unique:<table>.<column>[,<column>...]" (a unique
// index refused the row; "unique:<index>" if it is over an expression) or "constraint:<what>" (any
// other constraint), kCancelled (deadline), kCorrupt, kIo, kInternal (our SQL is wrong).
class Database {
  public:
    using Work = std::function<base::Result<void>(Connection&)>;

    virtual ~Database() = default;
    virtual Dialect dialect() const = 0;

    // Runs `work` in a read-only snapshot. A statement that is still running at `deadline` is
    // interrupted.
    virtual base::Result<void> read(const Work& work,
                                    std::chrono::steady_clock::time_point deadline) = 0;

    // Runs `work` in a transaction and returns once it is on disk. An error from `work` rolls back
    // and is the answer. `work` may run more than once (serialisation failures), and on SQLite it
    // shares a commit with other callers' work, so it acts through the connection alone. An error
    // whose message says that the outcome is unknown may have been committed all the same.
    virtual base::Result<void> write(const Work& work,
                                     std::chrono::steady_clock::time_point deadline) = 0;

    // write() for work of more than some 10 ms (thousands of rows). On SQLite it has a commit to
    // itself and takes turns with the small pieces, so that none of them waits for two large ones.
    virtual base::Result<void> write_large(const Work& work,
                                           std::chrono::steady_clock::time_point deadline) {
        return write(work, deadline);
    }

    // Calls `wake` (from a thread of the database; must not block) whenever a committed transaction
    // of any process notified `channel`, and once, without payload, after a lost connection came
    // back. Equal notifications of one transaction may arrive as one. Ends with the returned
    // object, which must go before the database does; once it is gone `wake` is not running.
    class Subscription {
      public:
        virtual ~Subscription() = default;
    };
    virtual base::Result<std::unique_ptr<Subscription>> listen(
        std::string_view channel, std::function<void(std::string_view payload)> wake) = 0;

    // SQLite: a consistent copy of the open database in a new file. PostgreSQL: kUnsupported; its
    // own tools do it.
    virtual base::Result<void> backup(const std::string& path) = 0;

    // True if a trivial read succeeds before `deadline`.
    virtual base::Result<void> ping(std::chrono::steady_clock::time_point deadline) = 0;
};

}  // namespace vmsecurity::sql
