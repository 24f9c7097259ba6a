#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vmsecurity::codec {

// What a file is wrapped in, told by its first bytes.
enum class Packing : std::uint8_t {
    kNone,
    kZip,
    kTar,         // not compressed
    kCompressed,  // bzip2, gzip, xz or zstd: around one file, or around a tar
};
Packing detect_packing(std::string_view first_bytes);  // 265 bytes are enough

struct ArchiveLimits {
    std::uint64_t max_entries = 4'000'000;
    std::uint64_t max_entry_size = 1024ULL << 20;
    std::uint64_t max_total_size = 16ULL << 30;
    // Unpacked size over packed size, counted from the first 64 MiB on: a file that packs better
    // than this was made to harm.
    std::uint64_t max_ratio = 1000;
};

// Calls `visit` with the name and content of each regular file inside the packed file at `path`, in
// the archive's order; for a compressed single file once, with an empty name. An Error of `visit`
// ends the walk and is returned. Nothing is written to disk, and names are not interpreted.
base::Result<void> walk_archive(
    const std::string& path, const ArchiveLimits& limits,
    const std::function<base::Result<void>(std::string_view name, std::string content)>& visit);

}  // namespace vmsecurity::codec
