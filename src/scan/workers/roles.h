#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "scan/analyzer.h"

namespace vmsecurity::scan::workers {

// The first argument that makes the program a worker of a scan. Not for people: a worker started by
// hand says so.
inline constexpr std::string_view kFileSystemWorkerRole = "file-system-worker";
inline constexpr std::string_view kContentWorkerRole = "content-worker";

// Reads the target's blocks or directories: everything about images, partitions and file systems is
// parsed here. Returns the process's exit status.
int run_file_system_worker();

// Runs analyzers on file contents that it is handed. `analyzers` must be the same list, in the same
// order, as the supervisor's.
int run_content_worker(const std::vector<std::unique_ptr<Analyzer>>& analyzers);

}  // namespace vmsecurity::scan::workers
