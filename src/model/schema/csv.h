#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "model/schema/schema.h"

namespace vmsecurity::model::schema {

// Columns of a table of JSON objects, by path.
using CsvColumns = std::vector<std::string>;

// The columns of a collection: every single-valued path of its schema ("asset/id",
// "findingInfo/package/name"), arrays as one column of JSON.
CsvColumns csv_columns(const Schema& schema);

// What a path leads to, or nullptr.
const boost::json::value* value_at(const boost::json::object& object, std::string_view path);

std::string csv_header(const CsvColumns& columns);
// One row. Text that a spreadsheet would take for a formula gets a ' in front, because what stands
// in a scanned disk must not run on the reader's desk.
std::string csv_row(const CsvColumns& columns, const boost::json::object& object);

}  // namespace vmsecurity::model::schema
