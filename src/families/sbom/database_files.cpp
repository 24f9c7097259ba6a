#include "families/sbom/database_files.h"

#include <array>

namespace vmsecurity::families::sbom {
namespace {

struct Place {
    std::string_view manager;
    std::string_view database;  // relative to the root
    std::string_view file;      // below `database`, which is then a directory; "*": any one name
};

// Of two places of which one ends in the other, the longer first: "usr" is no root.
constexpr std::array<Place, 11> kPlaces = {{
    {"dpkg", "var/lib/dpkg/status", ""},
    {"dpkg", "var/lib/dpkg/status.d", "*"},
    {"rpm", "var/lib/rpm", "rpmdb.sqlite"},
    {"rpm", "var/lib/rpm", "Packages"},
    {"rpm", "var/lib/rpm", "Packages.db"},
    {"rpm", "usr/lib/sysimage/rpm", "rpmdb.sqlite"},
    {"rpm", "usr/lib/sysimage/rpm", "Packages"},
    {"rpm", "usr/lib/sysimage/rpm", "Packages.db"},
    {"apk", "usr/lib/apk/db/installed", ""},
    {"apk", "lib/apk/db/installed", ""},
    {"pacman", "var/lib/pacman/local", "ALPM_DB_VERSION"},
}};

// `path` without `/file` at its end, if it has that.
std::optional<std::string_view> without_file(std::string_view path, std::string_view file) {
    if (file.empty()) return path;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    if (file != "*" && path.substr(slash + 1) != file) return std::nullopt;
    return path.substr(0, slash);
}

}  // namespace

std::optional<DatabaseFile> database_file_at(std::string_view path) {
    for (const Place& place : kPlaces) {
        const auto database = without_file(path, place.file);
        if (!database || !database->ends_with(place.database)) continue;
        std::string_view root = *database;
        root.remove_suffix(place.database.size());
        if (root.empty()) return DatabaseFile{root, *database, place.manager};
        if (!root.ends_with('/')) continue;
        root.remove_suffix(1);
        return DatabaseFile{root, *database, place.manager};
    }
    return std::nullopt;
}

std::vector<std::string> database_file_patterns() {
    std::vector<std::string> patterns;
    for (const Place& place : kPlaces) {
        std::string& pattern = patterns.emplace_back("**/");
        pattern += place.database;
        if (!place.file.empty()) (pattern += '/') += place.file;
    }
    return patterns;
}

}  // namespace vmsecurity::families::sbom
