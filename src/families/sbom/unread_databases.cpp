#include "families/sbom/unread_databases.h"

#include <fmt/format.h>

#include "families/sbom/fields.h"
#include "families/sbom/ownership.h"

namespace vmsecurity::families::sbom {
namespace {

// Where a distribution's packages put Python distributions. /usr/local is left to the machine's
// administrator (FHS 3.0 §4.9; Debian Policy §9.1.2), and what lies under /opt, /home or /app is no
// distribution's either.
bool is_distributions_place(std::string_view path) {
    return path.starts_with("usr/") && !path.starts_with("usr/local/");
}

std::string remark_on(std::uint64_t distributions) {
    if (distributions == 0) return {};
    return fmt::format("; {} Python package{} listed from below that root may be {}", distributions,
                       distributions == 1 ? "" : "s",
                       distributions == 1 ? "part of one of them" : "parts of them");
}

}  // namespace

bool UnreadDatabases::add(std::string_view path) {
    for (const std::string& name : names_through_links(path, root_links_)) {
        const auto file = database_file_at(name);
        if (!file || !file->root.empty()) continue;
        if (file->manager != "dpkg") own_.emplace(location_of(file->database), file->manager);
        return true;
    }
    const auto file = database_file_at(path);
    if (!file) return false;
    foreign_[std::string(file->root)].try_emplace(
        std::string(file->database),
        Database{location_of(file->database), std::string(file->manager), 0});
    return true;
}

UnreadDatabases::Database* UnreadDatabases::of_innermost_root(std::string_view path) {
    for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
         slash = path.rfind('/', slash - 1)) {
        const auto root = foreign_.find(path.substr(0, slash));
        if (root == foreign_.end()) continue;
        if (!is_distributions_place(path.substr(slash + 1))) return nullptr;
        return &root->second.begin()->second;
    }
    return nullptr;
}

std::string UnreadDatabases::may_own(std::string_view path) {
    if (Database* database = of_innermost_root(path)) {
        ++database->distributions;
        return database->name;
    }
    return is_distributions_place(path) ? system_database_ : std::string();
}

std::vector<model::CoverageEntry> UnreadDatabases::coverage() const {
    std::vector<model::CoverageEntry> entries;
    for (const auto& [root, databases] : foreign_) {
        for (const auto& [path, database] : databases) {
            entries.push_back(
                {model::CoverageScope::kDatabase, database.name, model::CoverageState::kUnsupported,
                 fmt::format("package database ({}) of another root (a container or chroot): its "
                             "packages are not listed by this build{}",
                             database.manager, remark_on(database.distributions))});
        }
    }
    return entries;
}

}  // namespace vmsecurity::families::sbom
