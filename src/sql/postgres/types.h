#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/statement.h"

namespace vmsecurity::sql::postgres {

// Object identifiers of built-in types (PostgreSQL source, pg_type.dat); they never change.
namespace oid {
inline constexpr Oid kUnspecified = 0;
inline constexpr Oid kBool = 16;
inline constexpr Oid kBytea = 17;
inline constexpr Oid kName = 19;
inline constexpr Oid kInt8 = 20;
inline constexpr Oid kInt2 = 21;
inline constexpr Oid kInt4 = 23;
inline constexpr Oid kText = 25;
inline constexpr Oid kOid = 26;
inline constexpr Oid kJson = 114;
inline constexpr Oid kFloat4 = 700;
inline constexpr Oid kFloat8 = 701;
inline constexpr Oid kVarchar = 1043;
}  // namespace oid

// The type that a parameter with this value has.
Oid type_of(const Value& value);

// The type that a name of insert_rows ("bigint") means; empty if it is none of those above.
std::optional<Oid> type_named(std::string_view name);

// The type of an array of them.
Oid array_of(Oid type);

// Appends the binary form of a value, as the type's receive function takes it (PostgreSQL source,
// src/backend/utils/adt). The value is not NULL; kInvalidArgument if it does not fit the type.
base::Result<void> append_binary(std::string& out, const Value& value, Oid type);

void append_int16(std::string& out, std::int16_t value);
void append_int32(std::string& out, std::int32_t value);

// Whether the binary form of a result of this type can be read (row.h).
bool reads_binary(Oid type);

}  // namespace vmsecurity::sql::postgres
