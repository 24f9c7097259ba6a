#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::families::sbom {

// A file that shows that there is a package database, told by the place below a root that its
// package manager gives it. Views into the path that was asked about: raw bytes, no leading '/'.
struct DatabaseFile {
    std::string_view root;      // "srv/chroot"; empty: the root of the volume
    std::string_view database;  // the database's file or directory: "srv/chroot/var/lib/rpm"
    std::string_view manager;   // "dpkg", "rpm", "apk", "pacman"
};
std::optional<DatabaseFile> database_file_at(std::string_view path);

// The patterns (scan::Want) of all paths that database_file_at() knows, below any root.
std::vector<std::string> database_file_patterns();

}  // namespace vmsecurity::families::sbom
