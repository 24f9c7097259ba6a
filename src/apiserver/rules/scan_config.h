#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// A scan config has a name of its own, a schedule, and a scope that can be asked of the assets.
const TypeRules& scan_config_rules();

}  // namespace vmsecurity::apiserver
