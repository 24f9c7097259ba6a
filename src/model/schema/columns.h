#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "codec/json.h"
#include "model/schema/schema.h"

namespace vmsecurity::model::schema {

// What a hot column holds; monostate is NULL. Times and ranks are int64. In text, U+0000, which
// PostgreSQL cannot store, is U+FFFD.
using ColumnValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// The values of a document's hot columns, one for each of collection.columns and in their order.
// What is absent, or not of the column's type, is NULL.
std::vector<ColumnValue> column_values(const Collection& collection,
                                       const boost::json::object& document);

// The place of a word in a ranked enumeration, from 0, or -1.
std::int64_t rank_of(const Type& type, std::string_view word);

}  // namespace vmsecurity::model::schema
