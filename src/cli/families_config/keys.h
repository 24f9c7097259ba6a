#pragma once

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::cli {

// Checks that a families config has only keys that VMClarity 0.6 knows, each with a value of the
// right shape. The error names the key with its path, and the nearest known ones.
base::Result<void> check_keys(const boost::json::object& config);

}  // namespace vmsecurity::cli
