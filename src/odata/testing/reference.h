#pragma once

#include <cstdint>
#include <vector>

#include "odata/testing/objects.h"

// The answers to bound queries by evaluate() alone.
namespace vmsecurity::odata::testing {

// The row_ids of the objects that match, in the order of the list; without $top and $skip.
std::vector<std::int64_t> reference_rows(const BoundQuery& query, RandomObjects& objects);

struct ReferenceGroup {
    std::vector<Constant> columns;  // in natural form
    // How far a sum or average of reals may be from the exact one, which depends on the order of
    // the summands: of each column.
    std::vector<double> slack;
};

// The rows of $apply's result, in the order of $orderby and then of the groups;
// without $top and $skip.
std::vector<ReferenceGroup> reference_groups(const BoundQuery& query, RandomObjects& objects);

}  // namespace vmsecurity::odata::testing
