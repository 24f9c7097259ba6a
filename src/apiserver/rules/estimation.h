#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// An estimation of one scan looks at an asset once.
const TypeRules& asset_scan_estimation_rules();
const TypeRules& scan_estimation_rules();

}  // namespace vmsecurity::apiserver
