#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vmsecurity::providers::local {

enum class SnapshotMode : std::uint8_t {
    kAuto,     // reflink where the file system can, else a copy
    kReflink,  // or fail
    kCopy,
    kInPlace,  // the image itself is read; a change meanwhile fails the scan
};
base::Result<SnapshotMode> parse_snapshot_mode(std::string_view text);

// What tells that a file is another one, or has other content, than before.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  // nanoseconds since 1970
    std::int64_t changed = 0;
    auto operator<=>(const FileIdentity&) const = default;
};
base::Result<FileIdentity> identify(const std::filesystem::path& file);

// Makes `target`, which must not exist, a copy of `source` that later changes do not reach. Holes
// stay holes. kUnavailable: the source changed while it was copied, or there is no space now;
// kNotFound: there is no source; kUnsupported: no reflink, where only that is allowed; kCancelled.
// On failure `target` is gone again.
base::Result<void> snapshot_file(const std::filesystem::path& source,
                                 const std::filesystem::path& target, SnapshotMode mode,
                                 std::stop_token stop);

}  // namespace vmsecurity::providers::local
