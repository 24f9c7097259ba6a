#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// One scan looks at an asset once. resourceCleanupStatus goes from Pending to its end and stays
// there.
const TypeRules& asset_scan_rules();

}  // namespace vmsecurity::apiserver
