#pragma once

#include <memory>

#include "apiserver/options.h"
#include "base/result.h"
#include "sql/database.h"

namespace vmsecurity::apiserver {

// Opens what the setting `database` names. kInvalidArgument: it names nothing.
base::Result<std::unique_ptr<sql::Database>> open_database(const DatabaseOptions& options);

}  // namespace vmsecurity::apiserver
