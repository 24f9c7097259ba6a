#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "odata/bound.h"
#include "odata/sql/rules.h"
#include "sql/connection.h"

// What the store knows of queries over findings that their table does not say.
namespace vmsecurity::store {

// - foundBy/id and foundBy/scan/id: what that scan saw, by the time in which a finding is valid,
// and
//   findings that clients wrote with that asset scan;
// - contains, startswith and endswith on names: by finding_names.
odata::sql::Rules finding_rules();

// How many findings match a $filter that asks for nothing but type, severity and validity, from the
// counts. Nothing: it asks for more.
base::Result<std::optional<std::int64_t>> known_finding_count(sql::Connection& connection,
                                                              const odata::BoundQuery& query);

}  // namespace vmsecurity::store
