#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vmsecurity::service {

// Written beside and renamed, so that whoever waits for the file never reads half of it. Not for
// what has to outlive a power cut: nothing is synchronised.
base::Result<void> publish_file(const std::string& path, std::string_view text, unsigned mode);

}  // namespace vmsecurity::service
