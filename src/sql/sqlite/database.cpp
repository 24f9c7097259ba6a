#include "sql/sqlite/database.h"

#include <fcntl.h>

#include <utility>

#include "base/file_descriptor.h"
#include "sql/pool.h"
#include "sql/sqlite/backup.h"
#include "sql/sqlite/connection.h"
#include "sql/sqlite/lock_file.h"
#include "sql/sqlite/writer.h"
#include "sql/subscribers.h"

namespace vmsecurity::sql::sqlite {
namespace {

using base::ErrorCode;
using Clock = std::chrono::steady_clock;

ConnectionSettings reader_settings(const Options& options) {
    return {.path = options.path,
            .vfs = options.vfs,
            .cache_kib = options.reader_cache_kib,
            .mmap_bytes = options.mmap_bytes,
            .statement_cache = options.statement_cache};
}

// The writer does not map the file: an input/output error under a mapping is a signal, not an
// answer.
ConnectionSettings writer_settings(const Options& options) {
    return {.path = options.path,
            .vfs = options.vfs,
            .writes = true,
            .cache_kib = options.writer_cache_kib,
            .statement_cache = options.statement_cache};
}

class SqliteDatabase final : public Database {
  public:
    SqliteDatabase(const Options& options, base::FileDescriptor lock,
                   std::unique_ptr<SqliteConnection> writer)
        : settings_(reader_settings(options)),
          lock_(std::move(lock)),
          readers_(options.readers,
                   [this](Clock::time_point) { return SqliteConnection::open(settings_); }) {
        if (writer) writer_ = std::make_unique<Writer>(std::move(writer), subscribers_);
    }

    Dialect dialect() const override { return Dialect::kSqlite; }

    base::Result<void> read(const Work& work, Clock::time_point deadline) override {
        VMSECURITY_ASSIGN(auto connection, readers_.acquire(deadline));
        connection->set_deadline(deadline);
        VMSECURITY_TRY(connection->run("BEGIN"));
        auto result = work(*connection);
        if (result && connection->failure()) result = base::fail(*connection->failure());
        connection->set_deadline(Clock::time_point::max());
        connection->notifications().clear();
        if (connection->in_transaction() && !connection->run("ROLLBACK")) {
            connection.discard();
        }
        return result;
    }

    base::Result<void> write(const Work& work, Clock::time_point deadline) override {
        return write(work, deadline, false);
    }
    base::Result<void> write_large(const Work& work, Clock::time_point deadline) override {
        return write(work, deadline, true);
    }

    base::Result<std::unique_ptr<Subscription>> listen(
        std::string_view channel, std::function<void(std::string_view)> wake) override {
        return subscribers_.add(channel, std::move(wake));
    }

    base::Result<void> backup(const std::string& path) override { return back_up(settings_, path); }

    base::Result<void> ping(Clock::time_point deadline) override {
        return read(
            [](Connection& connection) {
                return connection.query("SELECT count(*) FROM sqlite_schema", {},
                                        [](const Row&) { return true; });
            },
            deadline);
    }

  private:
    base::Result<void> write(const Work& work, Clock::time_point deadline, bool large) {
        if (!writer_) {
            return base::fail(ErrorCode::kPermissionDenied, "the database is open for reading only",
                              settings_.path);
        }
        return writer_->write(work, deadline, large);
    }

    ConnectionSettings settings_;
    base::FileDescriptor lock_;
    Subscribers subscribers_;
    std::unique_ptr<Writer> writer_;  // closes after the readers, and empties the log then
    Pool<SqliteConnection> readers_;
};

}  // namespace

base::Result<std::unique_ptr<Database>> open(Options options) {
    base::FileDescriptor lock;
    std::unique_ptr<SqliteConnection> writer;
    if (!options.read_only) {
        VMSECURITY_ASSIGN(lock, lock_database(options.path));
        if (options.vfs.empty()) {
            // SQLite gives the log and its index the mode of the database.
            VMSECURITY_TRY(base::open_file(options.path, O_RDWR | O_CREAT, 0600));
        }
        VMSECURITY_ASSIGN(writer, SqliteConnection::open(writer_settings(options)));
    }
    auto database = std::make_unique<SqliteDatabase>(options, std::move(lock), std::move(writer));
    VMSECURITY_TRY(database->ping(Clock::now() + std::chrono::seconds(10)));
    return database;
}

}  // namespace vmsecurity::sql::sqlite
