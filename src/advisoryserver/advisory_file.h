#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "advisoryserver/child.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::advisoryserver {

// One advisory file that has been verified, held open: whoever reads it goes on reading the same
// bytes when the next one has taken its name.
struct AdvisoryFile {
    base::FileDescriptor descriptor;
    std::uint64_t size = 0;
    std::string sha256;    // hexadecimal, lower case
    std::string built_on;  // RFC 3339, as the file says itself
    std::chrono::sys_seconds built;
    std::uint64_t records = 0;
    std::string sources;  // JSON array, as `vmsecurity-advisories info` gives it

    std::string entity_tag() const { return '"' + sha256 + '"'; }
};

// Has `program` (vmsecurity-advisories) verify and describe the file at `path`, and computes its
// checksum. kNotFound: there is none; kCorrupt: it is no sound advisory file; errors of run_child.
base::Result<std::shared_ptr<const AdvisoryFile>> open_advisory_file(
    const std::string& program, const std::string& path, std::chrono::milliseconds time_limit,
    const StopEvent& stop);

}  // namespace vmsecurity::advisoryserver
