#pragma once

#include <string_view>

#include "base/result.h"

namespace vmsecurity::apiserver {

// A scope is a $filter over assets (odata.md). Errors carry `pointer` as the place, and in the
// message the position inside the scope. An empty scope is every asset.
base::Result<void> check_scope(std::string_view scope, std::string_view pointer);

}  // namespace vmsecurity::apiserver
