#pragma once

#include "model/schema/csv.h"
#include "odata/bound.h"

namespace vmsecurity::apiserver {

// The columns of a list: all of its collection's; those that $select names, with those of what
// $expand puts in; or those that $apply makes.
model::schema::CsvColumns csv_columns(const odata::BoundQuery& query);

}  // namespace vmsecurity::apiserver
