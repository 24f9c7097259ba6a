#pragma once

#include <span>

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// The types whose only rule is that a name of theirs is taken once: providers (displayName), users,
// saved views (of one owner), notification rules, databases (of one kind).
std::span<const TypeRules> named_rules();

}  // namespace vmsecurity::apiserver
