#pragma once

#include <span>
#include <string>

#include "odata/bound.h"
#include "sql/connection.h"

namespace vmsecurity::store {

// A row of odata::sql::apply_statement as the JSON object that clients get: values nest as the
// paths of their columns say, and what is unknown is null.
std::string group_text(std::span<const odata::ResultColumn> columns, const sql::Row& row);

}  // namespace vmsecurity::store
