#pragma once

#include <cstdint>
#include <optional>
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
inline constexpr std::string_view kDatabaseRecord = "database";       // one DatabaseSummary
// Empty: that the record's file is there, which database_file_at() knows, is all it says.
inline constexpr std::string_view kDatabaseFileRecord = "database-file";
// One PackageUpdate: dpkg's journal, which is newer than the database.
inline constexpr std::string_view kPackageUpdateRecord = "package-update";
// One Package known by the name of its directory alone. It counts only where no "package" record
// comes from a file of the same directory.
inline constexpr std::string_view kUndescribedPackageRecord = "undescribed-package";

// Without `unread_database`, which only assemble() can know.
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
    bool operator==(const OwnedPaths&) const = default;
};
std::string encode(const OwnedPaths& paths);
base::Result<OwnedPaths> decode_owned_paths(std::string_view payload);

// A package database was read to its end; so that one without packages is told from none.
struct DatabaseSummary {
    std::string name;            // "/var/lib/dpkg/status"
    std::uint64_t packages = 0;  // installed ones; summed up where several files make one database
    bool operator==(const DatabaseSummary&) const = default;
};
std::string encode(const DatabaseSummary& summary);
base::Result<DatabaseSummary> decode_database_summary(std::string_view payload);

// What became of one package since its database was written.
struct PackageUpdate {
    std::string name;
    std::string architecture;
    std::optional<model::Package> installed;  // absent: it is no longer installed
    bool operator==(const PackageUpdate&) const = default;
};
std::string encode(const PackageUpdate& update);
base::Result<PackageUpdate> decode_package_update(std::string_view payload);

}  // namespace vmsecurity::families::sbom
