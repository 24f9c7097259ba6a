#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "families/sbom/database_files.h"
#include "families/sbom/sbom.h"
#include "model/coverage.h"
#include "model/package.h"

namespace vmsecurity::families::sbom {

// The package databases of a volume that this build does not read: those of other roots inside its
// root, and those of its root that are not dpkg's. Nobody knows which files their packages own, so
// a distribution below such a root must not pass for one that no package owns.
class UnreadDatabases {
  public:
    explicit UnreadDatabases(std::span<const RootLink> root_links) : root_links_(root_links) {}

    // `path` is that of a file of a database; false if it is none. What is the root's own by a link
    // (var -> data/var) counts as the root's own.
    bool add(std::string_view path);

    // The root's own that are not dpkg's: "/var/lib/rpm" -> "rpm".
    const std::map<std::string, std::string>& own() const { return own_; }
    // From here on this one of own() counts as what the root's system is made of.
    void set_system_database(std::string name) { system_database_ = std::move(name); }

    // The database (as in model::Package::unread_database) that may list a package which owns the
    // file `path`; empty if there is none. Each answer is counted.
    std::string may_own(std::string_view path);

    // One entry a database of another root.
    std::vector<model::CoverageEntry> coverage() const;

  private:
    struct Database {
        std::string name;  // "/srv/chroot/var/lib/rpm", escaped
        std::string manager;
        std::uint64_t distributions = 0;  // that it may own
    };
    Database* of_innermost_root(std::string_view path);

    std::span<const RootLink> root_links_;
    std::map<std::string, std::string> own_;
    std::string system_database_;
    // Root (raw bytes) -> its databases, by their paths; the first speaks for all.
    std::map<std::string, std::map<std::string, Database>, std::less<>> foreign_;
};

}  // namespace vmsecurity::families::sbom
