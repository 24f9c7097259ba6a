#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/postgres/handle.h"

namespace vmsecurity::sql::postgres {

// Keywords and values of libpq. Holds the password: never log it.
using ConnectionParameters = std::vector<std::pair<std::string, std::string>>;

// A value for a prepared statement, in binary format.
struct Parameter {
    const char* bytes = nullptr;  // null: NULL
    int size = 0;
};

// One connection, driven without blocking so that every wait ends by a deadline. A session that
// is broken() is to be thrown away.
class Session {
  public:
    using Clock = std::chrono::steady_clock;

    static base::Result<std::unique_ptr<Session>> connect(const ConnectionParameters& parameters,
                                                          Clock::time_point deadline);

    // Statements end by `deadline`: the server cancels them, and if it does not answer at all the
    // session is given up shortly after.
    void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
    Clock::time_point deadline() const { return deadline_; }

    // A script without parameters; results are dropped.
    base::Result<void> run(const std::string& script);
    base::Result<void> prepare(const std::string& name, const std::string& text,
                               std::span<const Oid> types);
    base::Result<ResultHandle> describe(const std::string& name);
    // Starts a prepared statement; next() has its results, row by row if so asked.
    base::Result<void> start(const std::string& name, std::span<const Parameter> parameters,
                             bool binary_results, bool row_by_row);
    // Null after the last one. A failed statement is an error; drain() first if work follows.
    base::Result<ResultHandle> next();
    void drain();

    // The first failure since clear_failure(), and its SQLSTATE if the server sent it (or "").
    const std::optional<base::Error>& failure() const { return failure_; }
    const std::string& failed_state() const { return state_; }
    void note_failure(const base::Error& error, std::string_view state = {});
    void clear_failure();
    // The connection is lost.
    bool broken() const { return broken_; }

    // Waits until `wake_descriptor` or the server has something; then input is consumed.
    base::Result<void> wait_for_input(int wake_descriptor, Clock::time_point deadline);
    PGconn* handle() const { return handle_.get(); }

  private:
    explicit Session(Handle handle) : handle_(std::move(handle)) {}

    base::Result<void> flush();
    base::Result<void> wait(short events);
    base::Result<void> finish();
    base::Error lost();

    Handle handle_;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool broken_ = false;
    std::optional<base::Error> failure_;
    std::string state_;
};

}  // namespace vmsecurity::sql::postgres
