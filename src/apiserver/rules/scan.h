#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// A scan config has at most one scan that has not ended. A scan that reaches its last state without
// an endTime ends now, so that a forgotten one never keeps the config's next scan from starting.
const TypeRules& scan_rules();

}  // namespace vmsecurity::apiserver
