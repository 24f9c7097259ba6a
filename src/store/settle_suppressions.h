#pragma once

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::store {

// Brings findings.suppressedBy in line with suppressions that were made, changed or removed, or
// that expired. Cheap where there is nothing to do. What matches is looked for in a snapshot, and
// written in small transactions, so that other writers get their turns; several may do it at a
// time, and whoever comes later goes on where one stopped.
base::Result<void> settle_suppressions(Store& store, Deadline deadline);

}  // namespace vmsecurity::store
