#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

const TypeRules& suppression_rules();

}  // namespace vmsecurity::apiserver
