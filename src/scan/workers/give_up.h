#pragma once

#include <string_view>

#include "base/error.h"
#include "base/log.h"

namespace vmsecurity::scan::workers {

// Ends a worker that cannot go on: the reason goes to the log, the supervisor sees the exit status.
inline int give_up(std::string_view role, const base::Error& error) {
    base::log::error("{}: {}", role, error.describe());
    return 1;
}

}  // namespace vmsecurity::scan::workers
