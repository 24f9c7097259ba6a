#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sql/statement.h"

namespace vmsecurity::store {

// A list of row ids as one parameter, and the condition that `column` is one of them.
std::string row_list(std::span<const std::int64_t> rows);
std::string in_row_list(sql::Dialect dialect, std::string_view parameter,
                        std::string_view column = "row_id");

}  // namespace vmsecurity::store
