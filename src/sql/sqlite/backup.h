#pragma once

#include <string>

#include "base/result.h"
#include "sql/sqlite/connection.h"

namespace vmsecurity::sql::sqlite {

// Copies the open database that `settings` name into the new file `path` (its owner's alone), which
// appears complete or not at all. Readers and the writer go on meanwhile.
base::Result<void> back_up(const ConnectionSettings& settings, const std::string& path);

}  // namespace vmsecurity::sql::sqlite
