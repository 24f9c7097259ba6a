#pragma once

#include "apiserver/rules/rules.h"

namespace vmsecurity::apiserver {

// An asset is the thing that assetInfo identifies: a VM by instanceID and location, a directory by
// name and location, a container or an image by its id, a pod by name and location.
const TypeRules& asset_rules();

}  // namespace vmsecurity::apiserver
