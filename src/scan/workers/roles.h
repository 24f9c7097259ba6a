#pragma once

#include <memory>
#include <vector>

#include "scan/analyzer.h"

namespace vmsecurity::scan::workers {

// Reads the target's blocks or directories: everything about images, partitions and file systems is
// parsed here. Returns the process's exit status.
int run_file_system_worker();

// Runs analyzers on file contents that it is handed. `analyzers` must be the same list, in the same
// order, as the supervisor's.
int run_content_worker(const std::vector<std::unique_ptr<Analyzer>>& analyzers);

}  // namespace vmsecurity::scan::workers
