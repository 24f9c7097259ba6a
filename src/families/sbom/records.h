#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/package.h"

namespace vmsecurity::families::sbom {

// The records that this family's catalogers send from the content workers to the supervisor.
// Decoding trusts nothing: it fails on anything but a whole well-formed payload.

inline constexpr std::string_view kPackageRecord = "package";         // one Package
inline constexpr std::string_view kOperatingSystemRecord = "os";      // one OperatingSystem
inline constexpr std::string_view kOwnedPathsRecord = "owned-paths";  // one OwnedPaths

std::string encode(const model::Package& package);
base::Result<model::Package> decode_package(std::string_view payload);

std::string encode(const model::OperatingSystem& os);
base::Result<model::OperatingSystem> decode_operating_system(std::string_view payload);

// Files that a distribution's package owns, as base::path_hash of the path without its leading '/'.
// A package with many files sends several.
struct OwnedPaths {
    std::string package;       // name as in the database, without ":arch"
    std::string architecture;  // empty if the database does not say
    std::vector<std::uint64_t> hashes;
    static constexpr std::size_t kMaxHashes = 4096;  // in one record
};
std::string encode(const OwnedPaths& paths);
base::Result<OwnedPaths> decode_owned_paths(std::string_view payload);

}  // namespace vmsecurity::families::sbom
