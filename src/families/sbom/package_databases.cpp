#include "families/sbom/package_databases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace vmsecurity::families::sbom {
namespace {

using model::CoverageEntry;
using model::CoverageScope;
using model::CoverageState;

constexpr std::string_view kDpkg = "dpkg";

struct Manager {
    std::string_view os;  // ID of os-release(5), or a word of its ID_LIKE
    std::string_view format;
    std::string_view where;
};

// In the order of preference where ID_LIKE names several.
constexpr std::array<Manager, 22> kManagers = {{
    {"debian", kDpkg, "var/lib/dpkg/status"},
    {"ubuntu", kDpkg, "var/lib/dpkg/status"},
    {"rhel", "rpm", "var/lib/rpm"},
    {"fedora", "rpm", "usr/lib/sysimage/rpm"},
    {"centos", "rpm", "var/lib/rpm"},
    {"rocky", "rpm", "var/lib/rpm"},
    {"almalinux", "rpm", "var/lib/rpm"},
    {"ol", "rpm", "var/lib/rpm"},
    {"amzn", "rpm", "var/lib/rpm"},
    {"suse", "rpm", "usr/lib/sysimage/rpm"},
    {"opensuse", "rpm", "usr/lib/sysimage/rpm"},
    {"sles", "rpm", "usr/lib/sysimage/rpm"},
    {"azurelinux", "rpm", "var/lib/rpm"},
    {"mariner", "rpm", "var/lib/rpm"},
    {"photon", "rpm", "var/lib/rpm"},
    {"mageia", "rpm", "var/lib/rpm"},
    {"alpine", "apk", "lib/apk/db/installed"},
    {"wolfi", "apk", "lib/apk/db/installed"},
    {"chainguard", "apk", "lib/apk/db/installed"},
    {"arch", "pacman", "var/lib/pacman/local"},
    {"gentoo", "portage", "var/db/pkg"},
    {"openwrt", "opkg", "usr/lib/opkg/status"},
}};

std::optional<Manager> manager_of(const model::OperatingSystem& os) {
    std::vector<std::string> names = {base::to_lower(os.id)};
    for (const std::string& like : os.id_like) names.push_back(base::to_lower(like));
    for (const std::string& name : names) {
        const auto found = std::ranges::find(kManagers, name, &Manager::os);
        if (found != kManagers.end()) return *found;
    }
    return std::nullopt;
}

CoverageEntry entry(std::string name, CoverageState state, std::string reason,
                    std::uint64_t count = 0) {
    return {CoverageScope::kDatabase, std::move(name), state, std::move(reason), count};
}

// Databases that the root has and nobody reads. What os-release lets expect has an entry already.
void add_unread(const model::OperatingSystem& os, const RootDatabases& databases,
                std::vector<CoverageEntry>& coverage) {
    const std::optional<Manager> expected = manager_of(os);
    for (const auto& [name, manager] : databases.unread) {
        if (expected && expected->format == manager) continue;
        if (is_system_manager(manager, os, databases)) {
            coverage.push_back(
                entry(name, CoverageState::kUnsupported,
                      fmt::format("package database ({}) is not read by this build", manager), 1));
        } else {
            coverage.push_back(
                entry(name, CoverageState::kSkipped,
                      fmt::format("a database of {}, which is not what the system is made of; "
                                  "packages in it are not listed by this build",
                                  manager),
                      1));
        }
    }
}

}  // namespace

bool is_system_manager(std::string_view manager, const model::OperatingSystem& os,
                       const RootDatabases& databases) {
    if (const auto expected = manager_of(os)) return expected->format == manager;
    const bool has_debs = std::ranges::any_of(
        databases.read, [](const auto& database) { return database.second > 0; });
    return has_debs == (manager == kDpkg);
}

std::vector<CoverageEntry> database_coverage(const model::OperatingSystem& os,
                                             const RootDatabases& databases) {
    const std::optional<Manager> manager = manager_of(os);
    const bool runs_on_dpkg = manager && manager->format == kDpkg;
    const bool none = databases.read.empty() && databases.unread.empty();
    std::vector<CoverageEntry> coverage;
    for (const auto& [name, packages] : databases.read) {
        if (packages == 0 && runs_on_dpkg && databases.read.size() == 1) {
            coverage.push_back(entry(
                name, CoverageState::kFailed,
                fmt::format("lists no installed package, which no working {} does; the file may "
                            "have been lost in a crash (compare with /var/lib/dpkg/status-old)",
                            os.id)));
        } else {
            coverage.push_back(entry(name, CoverageState::kScanned,
                                     packages == 0 ? "lists no installed package" : "", packages));
        }
    }
    if (manager && !runs_on_dpkg) {
        coverage.push_back(
            entry(fmt::format("/{}", manager->where), CoverageState::kUnsupported,
                  fmt::format("package database of {} ({}) is not read by this build", os.id,
                              manager->format)));
    } else if (databases.read.empty() && manager) {
        coverage.push_back(entry("/var/lib/dpkg/status", CoverageState::kFailed,
                                 "no package database found (expected var/lib/dpkg/status); is "
                                 "/var on another partition?"));
    } else if (none && !os.id.empty()) {
        coverage.push_back(
            entry("package database", CoverageState::kUnsupported,
                  fmt::format("no package database that this build reads (dpkg) was found on {}",
                              os.id)));
    } else if (none) {
        coverage.push_back(entry("package database", CoverageState::kSkipped,
                                 "neither os-release nor a package database that this build reads "
                                 "(dpkg): no root of an operating system that it knows"));
    }
    add_unread(os, databases, coverage);
    return coverage;
}

}  // namespace vmsecurity::families::sbom
