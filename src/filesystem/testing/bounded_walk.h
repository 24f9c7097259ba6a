#pragma once

#include <cstdint>

#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::testing {

struct WalkLimits {
    std::uint64_t entries = 200'000;
    std::uint64_t bytes_per_file = 1 << 20;
    std::uint64_t total_bytes = 256 << 20;
};

struct WalkReport {
    std::uint64_t entries = 0;
    std::uint64_t directories = 0;
    std::uint64_t bytes = 0;   // of content
    std::uint64_t errors = 0;  // calls that failed
};

// Does everything that can be done with a file system, each directory once as the scan engine does,
// and reads content from the beginning, the middle and the end of each file. For trees that may be
// damaged in any way.
WalkReport walk_bounded(const FileSystem& file_system, const WalkLimits& limits = {});

}  // namespace vmsecurity::filesystem::testing
