#pragma once

#include <string_view>

namespace vmsecurity::scan::protocol {

// The argument that tells the worker program what to be. Not for people: a worker started by hand
// says so.
inline constexpr std::string_view kFileSystemWorkerRole = "file-system-worker";
inline constexpr std::string_view kContentWorkerRole = "content-worker";

}  // namespace vmsecurity::scan::protocol
