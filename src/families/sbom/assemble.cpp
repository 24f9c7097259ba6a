#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "families/sbom/ownership.h"
#include "families/sbom/package_databases.h"
#include "families/sbom/records.h"
#include "families/sbom/sbom.h"
#include "families/sbom/unread_databases.h"

namespace vmsecurity::families::sbom {
namespace {

constexpr std::string_view kPreferredOsRelease = "etc/os-release";

// A package and the file that it was found in, as raw bytes: its location is escaped.
struct Found {
    model::Package package;
    std::string path;
};

auto key_of(const model::Package& package) {
    return std::tie(package.type, package.name, package.version, package.architecture,
                    package.location);
}

// Records come in any order; packages of equal key too must always sort alike.
auto full_key_of(const model::Package& package) {
    return std::tie(package.type, package.name, package.version, package.architecture,
                    package.location, package.source_name, package.source_version,
                    package.description, package.maintainer, package.licenses);
}

std::string_view directory_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

class Assembler {
  public:
    explicit Assembler(std::span<const RootLink> root_links)
        : root_links_(root_links), unread_(root_links) {}

    void read(const scan::Record& record);
    Sbom finish();

  private:
    template <typename T, typename Use>
    void use(base::Result<T> decoded, const scan::Record& record, Use use) {
        if (decoded) {
            use(std::move(*decoded));
        } else {
            refuse(record, decoded.error().describe());
        }
    }
    void refuse(const scan::Record& record, std::string_view reason);
    void apply_journal();
    void add_undescribed();
    void sort_packages();
    void find_owners();
    void find_unread_databases();
    std::optional<std::size_t> installed(const OwnedPaths& paths) const;

    std::span<const RootLink> root_links_;
    Sbom sbom_;
    std::vector<Found> found_;
    std::vector<Found> undescribed_;
    std::multimap<std::string, PackageUpdate> journal_;  // by path: dpkg numbers the files
    std::vector<OwnedPaths> owned_;
    RootDatabases databases_;
    UnreadDatabases unread_;
    std::uint64_t undecodable_ = 0;
    std::string undecodable_example_;
};

void Assembler::refuse(const scan::Record& record, std::string_view reason) {
    ++undecodable_;
    const std::string example = fmt::format("/{}: {}", base::escape_bytes(record.path), reason);
    if (undecodable_ == 1 || example < undecodable_example_) undecodable_example_ = example;
}

void Assembler::read(const scan::Record& record) {
    if (record.kind == kPackageRecord) {
        use(decode_package(record.payload), record,
            [&](model::Package package) { found_.push_back({std::move(package), record.path}); });
    } else if (record.kind == kUndescribedPackageRecord) {
        use(decode_package(record.payload), record, [&](model::Package package) {
            undescribed_.push_back({std::move(package), record.path});
        });
    } else if (record.kind == kOwnedPathsRecord) {
        use(decode_owned_paths(record.payload), record,
            [&](OwnedPaths paths) { owned_.push_back(std::move(paths)); });
    } else if (record.kind == kPackageUpdateRecord) {
        use(decode_package_update(record.payload), record,
            [&](PackageUpdate update) { journal_.emplace(record.path, std::move(update)); });
    } else if (record.kind == kDatabaseRecord) {
        use(decode_database_summary(record.payload), record, [&](const DatabaseSummary& summary) {
            databases_.read[summary.name] += summary.packages;
        });
    } else if (record.kind == kDatabaseFileRecord) {
        if (!unread_.add(record.path)) refuse(record, "a worker took it for a package database");
    } else if (record.kind == kOperatingSystemRecord) {
        use(decode_operating_system(record.payload), record, [&](model::OperatingSystem os) {
            if (sbom_.os.id.empty() || record.path == kPreferredOsRelease) {
                sbom_.os = std::move(os);
            }
        });
    }
}

// What dpkg-query does as well: the journal's files, in their order, replace what status says.
void Assembler::apply_journal() {
    if (journal_.empty()) return;
    std::map<std::pair<std::string, std::string>, const PackageUpdate*> latest;
    std::set<std::string, std::less<>> of_any_architecture;
    for (const auto& [path, update] : journal_) {
        latest[{update.name, update.architecture}] = &update;
        if (update.architecture.empty()) of_any_architecture.insert(update.name);
    }
    std::erase_if(found_, [&](const Found& found) {
        const model::Package& package = found.package;
        return package.type == "deb" && (of_any_architecture.contains(package.name) ||
                                         latest.contains({package.name, package.architecture}));
    });
    for (const auto& [path, update] : journal_) {
        if (update.installed && latest.at({update.name, update.architecture}) == &update) {
            found_.push_back({*update.installed, path});
        }
    }
    sbom_.coverage.push_back(
        {model::CoverageScope::kDatabase, "/var/lib/dpkg/updates", model::CoverageState::kScanned,
         "changes that dpkg had not yet merged into its status", journal_.size()});
}

void Assembler::add_undescribed() {
    std::set<std::string, std::less<>> described;
    for (const Found& found : found_) described.emplace(directory_of(found.path));
    for (Found& found : undescribed_) {
        if (described.contains(directory_of(found.path))) continue;
        sbom_.coverage.push_back(
            {model::CoverageScope::kFile, std::string(directory_of(found.package.location)),
             model::CoverageState::kTruncated,
             "METADATA is missing or was not read: name and version are taken from the "
             "directory's name, the rest is unknown"});
        found_.push_back(std::move(found));
    }
}

void Assembler::sort_packages() {
    std::ranges::sort(found_, {}, [](const Found& found) { return full_key_of(found.package); });
    const auto same = std::ranges::unique(found_, [](const Found& a, const Found& b) {
        return key_of(a.package) == key_of(b.package);
    });
    found_.erase(same.begin(), same.end());
}

// The index of the installed package that a list speaks of. A list stays behind for the
// configuration files of a removed package; that owns nothing.
std::optional<std::size_t> Assembler::installed(const OwnedPaths& paths) const {
    const auto by_name = [](const Found& found) {
        return std::tie(found.package.type, found.package.name);
    };
    const std::string type = "deb";
    const auto range = std::ranges::equal_range(found_, std::tie(type, paths.package), {}, by_name);
    for (auto it = range.begin(); it != range.end(); ++it) {
        if (paths.architecture.empty() || it->package.architecture == paths.architecture) {
            return static_cast<std::size_t>(it - found_.begin());
        }
    }
    return std::nullopt;
}

void Assembler::find_owners() {
    OwnerLookup lookup(root_links_);
    for (std::size_t i = 0; i < found_.size(); ++i) {
        if (found_[i].package.type != "deb") lookup.ask(i, found_[i].path);
    }
    for (const OwnedPaths& paths : owned_) {
        if (const auto package = installed(paths)) lookup.offer(*package, paths.hashes);
    }
    for (const auto& [question, package] : lookup.answers()) {
        const model::Package& owner = found_[package].package;
        found_[question].package.owner = model::Package::Owner{owner.name, owner.version};
    }
}

void Assembler::find_unread_databases() {
    databases_.unread = unread_.own();
    for (const auto& [name, manager] : databases_.unread) {
        if (!is_system_manager(manager, sbom_.os, databases_)) continue;
        unread_.set_system_database(name);
        break;
    }
    for (Found& found : found_) {
        model::Package& package = found.package;
        if (package.type == "deb" || package.owner) continue;
        package.unread_database = unread_.may_own(found.path);
    }
    for (model::CoverageEntry& entry : unread_.coverage()) {
        sbom_.coverage.push_back(std::move(entry));
    }
}

Sbom Assembler::finish() {
    apply_journal();
    add_undescribed();
    sort_packages();
    find_owners();
    find_unread_databases();
    for (Found& found : found_) sbom_.packages.push_back(std::move(found.package));

    std::ranges::sort(sbom_.coverage, {}, &model::CoverageEntry::name);
    const auto databases = database_coverage(sbom_.os, databases_);
    sbom_.coverage.insert(sbom_.coverage.begin(), databases.begin(), databases.end());
    if (undecodable_ > 0) {
        sbom_.coverage.push_back({model::CoverageScope::kAnalyzer, "sbom",
                                  model::CoverageState::kFailed, undecodable_example_,
                                  undecodable_});
    }
    return std::move(sbom_);
}

}  // namespace

Sbom assemble(std::span<const scan::Record> records, std::span<const RootLink> root_links) {
    Assembler assembler(root_links);
    for (const scan::Record& record : records) assembler.read(record);
    return assembler.finish();
}

}  // namespace vmsecurity::families::sbom
