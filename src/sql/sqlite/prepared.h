#pragma once

#include <sqlite3.h>

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/sqlite/handle.h"
#include "sql/statement.h"

namespace vmsecurity::sql::sqlite {

// A compiled statement and which of the caller's parameters goes where. SQLite numbers "$7" by
// first appearance, not by the digits, so the digits are read from the parameter's name.
class Prepared {
  public:
    // `text` must be one statement.
    static base::Result<Prepared> compile(sqlite3* handle, std::string_view text);

    // Binds without copying: `parameters` must live until reset().
    base::Result<void> bind(std::span<const Value> parameters);
    // SQLITE_ROW, SQLITE_DONE or an error.
    int step() { return sqlite3_step(statement_.get()); }
    void reset();
    sqlite3_stmt* get() const { return statement_.get(); }

  private:
    Prepared(StatementHandle statement, std::vector<std::size_t> numbers)
        : statement_(std::move(statement)), numbers_(std::move(numbers)) {}

    StatementHandle statement_;
    std::vector<std::size_t> numbers_;  // [i]: number, from 1, of what SQLite's parameter i+1 takes
};

}  // namespace vmsecurity::sql::sqlite
