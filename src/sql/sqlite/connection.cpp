#include "sql/sqlite/connection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace vmsecurity::sql::sqlite {
namespace {

using base::ErrorCode;

// A page holds several documents of a few hundred bytes; larger pages write more for each commit.
constexpr int kPageSize = 4096;
// Virtual machine instructions between two looks at the clock: some 50 µs.
constexpr int kInstructionsPerCheck = 2000;
constexpr auto kBusyPause = std::chrono::milliseconds(1);

class SqliteRow final : public Row {
  public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const override {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    std::int64_t integer(int column) const override {
        return sqlite3_column_int64(statement_, column);
    }
    double real(int column) const override { return sqlite3_column_double(statement_, column); }
    std::string_view text(int column) const override {
        // Asking a blob for its bytes converts nothing, and a number for its bytes makes text of
        // it.
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        const int size = sqlite3_column_bytes(statement_, column);
        return bytes == nullptr ? std::string_view{}
                                : std::string_view(bytes, static_cast<std::size_t>(size));
    }

  private:
    sqlite3_stmt* statement_;
};

// Resets a statement at the end of its use, so that it holds no lock and no pointer to parameters.
class Running {
  public:
    explicit Running(Prepared& prepared) : prepared_(prepared) {}
    ~Running() { prepared_.reset(); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

  private:
    Prepared& prepared_;
};

class Flag {
  public:
    explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
    ~Flag() { flag_ = false; }
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;

  private:
    bool& flag_;
};

std::string in_quotes(std::string_view name) {
    return fmt::format("\"{}\"", name);
}

std::string insert_text(std::string_view table, std::span<const std::string_view> columns,
                        std::string_view conflict) {
    std::vector<std::string> names;
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        names.push_back(in_quotes(columns[i]));
        numbers.push_back(fmt::format("${}", i + 1));
    }
    return fmt::format("INSERT INTO {} ({}) VALUES ({}){}{}", in_quotes(table),
                       fmt::join(names, ","), fmt::join(numbers, ","),
                       conflict.empty() ? "" : " ON CONFLICT ", conflict);
}

}  // namespace

base::Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(
    const ConnectionSettings& settings) {
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (settings.writes ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(settings.path.c_str(), &raw, flags,
                                     settings.vfs.empty() ? nullptr : settings.vfs.c_str());
    Handle handle(raw);
    if (code != SQLITE_OK) {
        base::Error error = error_of(raw, code, "open the database");
        error.where = settings.path;
        return base::fail(std::move(error));
    }
    std::unique_ptr<SqliteConnection> connection(
        new SqliteConnection(std::move(handle), settings.statement_cache));
    connection->set_deadline(Clock::now() + std::chrono::seconds(10));
    if (auto result = connection->run_pragmas(settings); !result) {
        result.error().where = settings.path;
        return base::fail(std::move(result).error());
    }
    return connection;
}

SqliteConnection::SqliteConnection(Handle handle, std::size_t statement_cache)
    : handle_(std::move(handle)), statements_(statement_cache) {
    sqlite3_progress_handler(
        handle_.get(), kInstructionsPerCheck,
        [](void* self) {
            return Clock::now() >= static_cast<SqliteConnection*>(self)->deadline_ ? 1 : 0;
        },
        this);
    sqlite3_busy_handler(
        handle_.get(),
        [](void* self, int /*calls*/) {
            if (Clock::now() >= static_cast<SqliteConnection*>(self)->deadline_) return 0;
            std::this_thread::sleep_for(kBusyPause);
            return 1;
        },
        this);
    sqlite3_wal_hook(
        handle_.get(),
        [](void* self, sqlite3*, const char*, int frames) {
            static_cast<SqliteConnection*>(self)->log_frames_ = frames;
            return SQLITE_OK;
        },
        this);
}

SqliteConnection::~SqliteConnection() = default;

base::Result<void> SqliteConnection::run_pragmas(const ConnectionSettings& settings) {
    if (settings.writes) {
        VMSECURITY_TRY(execute_script(fmt::format("PRAGMA page_size={}", kPageSize)));
        std::string mode;
        VMSECURITY_TRY(query("PRAGMA journal_mode=WAL", {}, [&](const Row& row) {
            mode = row.text(0);
            return true;
        }));
        if (mode != "wal") {
            return base::fail(
                ErrorCode::kUnsupported,
                "the file system of the database cannot hold a write-ahead log; use a "
                "local one",
                {}, "journal_mode " + mode);
        }
    }
    // temp_store FILE: a large sort spills to disk instead of growing the process. The writer
    // decides when to copy the log into the database (Writer), so SQLite's own threshold is off:
    // the hook that learns the length of the log stands in its place. trusted_schema is ON because
    // our own views use JSON functions, which SQLite 3.40 does not mark harmless; nothing that
    // could harm is registered or loaded.
    return execute_script(
        fmt::format("PRAGMA synchronous={}; PRAGMA foreign_keys=ON;"
                    "PRAGMA cache_size=-{}; PRAGMA mmap_size={};"
                    "PRAGMA temp_store=FILE; PRAGMA journal_size_limit={};"
                    "PRAGMA secure_delete=FAST; PRAGMA trusted_schema=ON;"
                    "PRAGMA query_only={}",
                    settings.synchronous_off ? "OFF" : "FULL", settings.cache_kib,
                    settings.mmap_bytes, 64 * 1024 * 1024, settings.writes ? "OFF" : "ON"));
}

// PostgreSQL gives a transaction up at its first error; so do we, that work behaves alike on both.
template <typename T>
base::Result<T> SqliteConnection::keep_failure(base::Result<T> result) {
    if (!result && !failure_) failure_ = result.error();
    return result;
}

base::Result<void> SqliteConnection::check_usable() const {
    if (failure_) return base::fail(*failure_);
    if (visiting_) {
        return base::fail(ErrorCode::kInternal, "a visitor of rows used its connection");
    }
    if (Clock::now() >= deadline_) {
        return base::fail(ErrorCode::kCancelled, "the database statement ran until the deadline");
    }
    return {};
}

base::Result<Prepared*> SqliteConnection::prepare(std::string_view text) {
    if (Prepared* found = statements_.find(text)) return found;
    VMSECURITY_ASSIGN(auto prepared, Prepared::compile(handle_.get(), text));
    return statements_.insert(text, std::move(prepared)).first;
}

base::Result<std::uint64_t> SqliteConnection::execute(std::string_view text,
                                                      std::span<const Value> parameters) {
    // sqlite3_changes() keeps the number of an earlier statement if this one is not a DML
    // statement.
    const auto before = sqlite3_total_changes64(handle_.get());
    VMSECURITY_TRY(query(text, parameters, [](const Row&) { return true; }));
    if (sqlite3_total_changes64(handle_.get()) == before) return 0;
    return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
}

base::Result<void> SqliteConnection::query(std::string_view text, std::span<const Value> parameters,
                                           const Visit& visit) {
    return keep_failure(run_query(text, parameters, visit));
}

base::Result<void> SqliteConnection::run_query(std::string_view text,
                                               std::span<const Value> parameters,
                                               const Visit& visit) {
    VMSECURITY_TRY(check_usable());
    VMSECURITY_ASSIGN(Prepared * prepared, prepare(text));
    const Running running(*prepared);
    VMSECURITY_TRY(prepared->bind(parameters));
    const SqliteRow row(prepared->get());
    const Flag visiting(visiting_);
    for (;;) {
        const int code = prepared->step();
        if (code == SQLITE_DONE) return {};
        if (code != SQLITE_ROW) {
            return base::fail(error_of(handle_.get(), code, "run a statement"));
        }
        if (!visit(row)) return {};
    }
}

base::Result<void> SqliteConnection::run(std::string_view text) {
    failure_.reset();
    return run_query(text, {}, [](const Row&) { return true; });
}

base::Result<void> SqliteConnection::execute_script(std::string_view text) {
    VMSECURITY_TRY(check_usable());
    const std::string script(text);
    const int code = sqlite3_exec(handle_.get(), script.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return keep_failure<void>(base::fail(error_of(handle_.get(), code, "run a script")));
}

base::Result<std::uint64_t> SqliteConnection::insert_rows(
    std::string_view table, std::span<const std::string_view> columns,
    std::span<const std::string_view> /*types*/, std::span<const std::vector<Value>> rows,
    std::string_view conflict) {
    return keep_failure(run_inserts(insert_text(table, columns, conflict), columns.size(), rows));
}

base::Result<std::uint64_t> SqliteConnection::run_inserts(
    std::string_view text, std::size_t columns, std::span<const std::vector<Value>> rows) {
    VMSECURITY_TRY(check_usable());
    VMSECURITY_ASSIGN(Prepared * prepared, prepare(text));
    std::uint64_t changed = 0;
    for (const auto& row : rows) {
        const Running running(*prepared);
        if (row.size() != columns) {
            return base::fail(ErrorCode::kInternal, "a row has not as many values as columns");
        }
        VMSECURITY_TRY(prepared->bind(row));
        if (const int code = prepared->step(); code != SQLITE_DONE) {
            return base::fail(error_of(handle_.get(), code, "insert a row"));
        }
        changed += static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
    }
    return changed;
}

base::Result<void> SqliteConnection::notify(std::string_view channel, std::string_view payload) {
    Notification notification{std::string(channel), std::string(payload)};
    if (notifications_.empty() || !(notifications_.back() == notification)) {
        notifications_.push_back(std::move(notification));
    }
    return {};
}

}  // namespace vmsecurity::sql::sqlite
