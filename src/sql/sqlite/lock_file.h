#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::sql::sqlite {

// Holds "<database>.lock" for this process, until the descriptor closes or the process ends.
// SQLite's own locks would let a second server in, whose writers and change feed would not know of
// the first's. kUnavailable, naming the holder's process id, if another has it.
base::Result<base::FileDescriptor> lock_database(const std::string& database_path);

}  // namespace vmsecurity::sql::sqlite
