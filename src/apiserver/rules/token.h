#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// A token has a name of its own. A scanner's is for one asset scan and ends by itself.
const TypeRules& token_rules();

}  // namespace vmsecurity::apiserver
