#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "odata/bound.h"
#include "odata/sql/rules.h"
#include "sql/connection.h"
#include "sql/statement.h"

// A bound query as one SQL statement. The answers are the same in both dialects, and those of
// evaluate(): docs/odata.md says what holds for nulls, case and numbers.
//
// PostgreSQL: text columns are COLLATE "C", and an index that shall give the order of $orderby is
// made with NULLS FIRST.
namespace vmsecurity::odata::sql {

struct Settings {
    ::vmsecurity::sql::Dialect dialect = ::vmsecurity::sql::Dialect::kSqlite;
    Rules rules = {};
    std::optional<std::uint64_t> limit = std::nullopt;         // rows, in place of $top
    std::optional<std::string_view> skiptoken = std::nullopt;  // in place of the query's
};

// Columns: row_id, document, then a column for each sort key (list_keys).
// Errors: kInvalidArgument with a Problem: a skiptoken that is damaged or of another query;
// expressions that nest deeper than SQLite can parse.
base::Result<::vmsecurity::sql::Statement> list_statement(const BoundQuery& query,
                                                          const Settings& settings);

// One row with one integer: how many objects match, whatever $top, $skip and $skiptoken say.
// With groups in $apply: how many groups.
base::Result<::vmsecurity::sql::Statement> count_statement(const BoundQuery& query,
                                                           const Settings& settings);

// $apply with groups: a column for each of BoundApply::columns.
base::Result<::vmsecurity::sql::Statement> apply_statement(const BoundQuery& query,
                                                           const Settings& settings);

// The row_ids that match the filter (and nothing else): for DELETE, exports and sub-selects.
base::Result<::vmsecurity::sql::Statement> match_statement(const BoundQuery& query,
                                                           const Settings& settings);

// The opaque text that continues the list behind `row`, a row of list_statement.
std::string make_skiptoken(const BoundQuery& query, const ::vmsecurity::sql::Row& row);

}  // namespace vmsecurity::odata::sql
