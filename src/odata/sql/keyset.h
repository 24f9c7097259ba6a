#pragma once

#include <string>
#include <vector>

#include "odata/sql/parameters.h"
#include "odata/sql/skiptoken.h"

namespace vmsecurity::odata::sql {

struct SortKey {
    Fragment value;
    Basis basis;
    bool descending;
};

// "k1 DESC NULLS LAST, t.row_id DESC". Nulls stand before everything else, so last where the order
// is reversed. Rows with equal keys follow their row_id in the direction of the last key, so that
// an index on that key alone gives the whole order.
std::string order_by(const std::vector<SortKey>& keys, std::string_view row_id, Dialect dialect);
// The same without a row_id, for rows that the keys tell apart.
std::string order_by(const std::vector<SortKey>& keys, Dialect dialect);

// The conditions under which rows stand behind `from`. If there are two, all rows of the first
// stand before all of the second; each alone is a range of an index on the first key, which no
// single condition is where nulls come last.
std::vector<Fragment> rows_behind(const std::vector<SortKey>& keys, const Continuation& from,
                                  std::string_view row_id, Parameters& parameters);

}  // namespace vmsecurity::odata::sql
