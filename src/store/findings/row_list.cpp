#include "store/findings/row_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vmsecurity::store {

std::string row_list(std::span<const std::int64_t> rows) {
    return fmt::format("[{}]", fmt::join(rows, ","));
}

std::string in_row_list(sql::Dialect dialect, std::string_view parameter, std::string_view column) {
    if (dialect == sql::Dialect::kSqlite) {
        return fmt::format("{} IN (SELECT value FROM json_each({}))", column, parameter);
    }
    return fmt::format(
        "{} = ANY (ARRAY(SELECT value::bigint FROM json_array_elements_text({}::json)))", column,
        parameter);
}

}  // namespace vmsecurity::store
