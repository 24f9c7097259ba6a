#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/connection.h"
#include "sql/sqlite/handle.h"
#include "sql/sqlite/prepared.h"
#include "sql/statement_cache.h"
#include "sql/subscribers.h"

namespace vmsecurity::sql::sqlite {

struct ConnectionSettings {
    std::string path;
    std::string vfs;  // empty: the system's
    bool writes = false;
    bool synchronous_off = false;
    std::int64_t cache_kib = 0;   // private page cache: anonymous memory
    std::int64_t mmap_bytes = 0;  // read through the mapped file: no anonymous memory
    std::size_t statement_cache = 0;
};

// One SQLite connection; used by one thread at a time.
class SqliteConnection final : public Connection {
  public:
    using Connection::execute;
    using Connection::query;
    using Clock = std::chrono::steady_clock;

    // Creates the file if the settings say that it writes.
    static base::Result<std::unique_ptr<SqliteConnection>> open(const ConnectionSettings& settings);

    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;
    ~SqliteConnection() override;

    Dialect dialect() const override { return Dialect::kSqlite; }
    base::Result<std::uint64_t> execute(std::string_view text,
                                        std::span<const Value> parameters = {}) override;
    base::Result<void> query(std::string_view text, std::span<const Value> parameters,
                             const Visit& visit) override;
    base::Result<void> execute_script(std::string_view text) override;
    base::Result<std::uint64_t> insert_rows(std::string_view table,
                                            std::span<const std::string_view> columns,
                                            std::span<const std::string_view> types,
                                            std::span<const std::vector<Value>> rows,
                                            std::string_view conflict) override;
    base::Result<void> notify(std::string_view channel, std::string_view payload) override;

    // BEGIN, COMMIT and the like; forgets a failure.
    base::Result<void> run(std::string_view text);
    // The first error since run(), if there was one. Later calls answer with it too.
    const std::optional<base::Error>& failure() const { return failure_; }
    // From here on statements, and waiting for locks, end at `deadline`.
    void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
    // What notify() was called with since, in order.
    std::vector<Notification>& notifications() { return notifications_; }
    // Frames in the write-ahead log after the last commit.
    int log_frames() const { return log_frames_; }
    sqlite3* handle() const { return handle_.get(); }

  private:
    SqliteConnection(Handle handle, std::size_t statement_cache);

    base::Result<Prepared*> prepare(std::string_view text);
    base::Result<void> check_usable() const;
    base::Result<void> run_query(std::string_view text, std::span<const Value> parameters,
                                 const Visit& visit);
    base::Result<std::uint64_t> run_inserts(std::string_view text, std::size_t columns,
                                            std::span<const std::vector<Value>> rows);
    template <typename T>
    base::Result<T> keep_failure(base::Result<T> result);
    base::Result<void> run_pragmas(const ConnectionSettings& settings);

    Handle handle_;  // before the statements: they go first
    StatementCache<Prepared> statements_;
    std::vector<Notification> notifications_;
    Clock::time_point deadline_ = Clock::time_point::max();
    int log_frames_ = 0;
    std::optional<base::Error> failure_;
    bool visiting_ = false;
};

}  // namespace vmsecurity::sql::sqlite
