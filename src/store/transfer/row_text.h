#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "sql/connection.h"
#include "store/transfer/tables.h"

namespace vmsecurity::store::transfer {

// A row as a line of the file. kCorrupt: text in it is no UTF-8, which JSON cannot hold.
base::Result<std::string> row_text(const sql::Row& row, std::span<const Column> columns);

// The values of a line. kCorrupt: they are not of these columns.
base::Result<std::vector<sql::Value>> row_values(const boost::json::array& line,
                                                 std::span<const Column> columns);

}  // namespace vmsecurity::store::transfer
