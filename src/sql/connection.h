#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/statement.h"

namespace vmsecurity::sql {

// A row of a result; columns count from 0. Views live until the visitor returns. Values convert
// where that makes sense (the text of an integer, the integer of a digit string); NULL is 0 and "".
class Row {
  public:
    virtual ~Row() = default;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;  // booleans too: 0 or 1
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;  // of text, and the bytes of a blob
};

// An open connection inside a transaction that Database began. Statements are prepared once a
// connection and text, so a text is one of a bounded number: what varies is bound.
//
// A statement that fails ends the transaction's work: later ones fail too, and an error is the
// answer of write() whatever the work says. What may fail as a matter of course is asked for
// another way: ON CONFLICT, UPDATE ... WHERE with its number of rows.
//
// A parameter's SQL type follows from its Value: boolean, bigint, double precision, text, bytea; a
// NULL takes the type of its place. "$1::bigint" says a type where PostgreSQL cannot tell; SQLite
// ignores such a cast behind a parameter.
class Connection {
  public:
    // false: no more rows. A visitor must not use the connection: rows still arrive on it.
    using Visit = std::function<bool(const Row&)>;

    virtual ~Connection() = default;
    virtual Dialect dialect() const = 0;

    // Runs one statement without a result; the answer is the number of rows changed.
    virtual base::Result<std::uint64_t> execute(std::string_view text,
                                                std::span<const Value> parameters = {}) = 0;
    virtual base::Result<void> query(std::string_view text, std::span<const Value> parameters,
                                     const Visit& visit) = 0;
    // Statements separated by ";", without parameters and results, each run once: migrations.
    virtual base::Result<void> execute_script(std::string_view text) = 0;

    // Many rows into one table, by the fastest way of the dialect. `conflict`: what stands behind
    // "ON CONFLICT", or empty. Each row has as many values as there are columns. `types` are the
    // columns' SQL types in PostgreSQL ("text", "bigint"). The answer is the number of rows
    // inserted or updated.
    virtual base::Result<std::uint64_t> insert_rows(std::string_view table,
                                                    std::span<const std::string_view> columns,
                                                    std::span<const std::string_view> types,
                                                    std::span<const std::vector<Value>> rows,
                                                    std::string_view conflict = {}) = 0;
    // Wakes the listeners of `channel` (Database::listen), once the transaction is committed.
    virtual base::Result<void> notify(std::string_view channel, std::string_view payload) = 0;

    base::Result<std::uint64_t> execute(const Statement& statement) {
        return execute(statement.text, statement.parameters);
    }
    base::Result<void> query(const Statement& statement, const Visit& visit) {
        return query(statement.text, statement.parameters, visit);
    }
};

}  // namespace vmsecurity::sql
