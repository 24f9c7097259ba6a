#pragma once

#include <string>
#include <string_view>

#include "advisories/database.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// The info section of the advisory file. file_size is not in it.
std::string encode_info(const DatabaseInfo& info);
base::Result<DatabaseInfo> decode_info(std::string_view bytes);

}  // namespace vmsecurity::advisories
