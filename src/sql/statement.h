#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vmsecurity::sql {

enum class Dialect : std::uint8_t { kSqlite, kPostgres };

struct Blob {
    std::string bytes;
    bool operator==(const Blob&) const = default;
};

// What can be bound to a parameter; monostate is NULL. Text is UTF-8 without U+0000 (PostgreSQL
// cannot store that in text; documents keep it as \u0000).
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Blob>;

// SQL with its parameters, which the text names $1, $2, ... in both dialects. Values never stand in
// the text.
struct Statement {
    std::string text;
    std::vector<Value> parameters;
};

}  // namespace vmsecurity::sql
