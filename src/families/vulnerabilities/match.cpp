#include "families/vulnerabilities/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "advisories/build.h"
#include "families/vulnerabilities/package_match.h"
#include "model/purl.h"
#include "versions/pep440_version.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using model::CoverageEntry;
using model::CoverageState;
using model::Package;
using model::Vulnerability;

CoverageEntry coverage_entry(std::string_view ecosystem, CoverageState state, std::string reason,
                             std::uint64_t count) {
    return {model::CoverageScope::kAnalyzer, fmt::format("vulnerabilities/{}", ecosystem), state,
            std::move(reason), count};
}

bool share_a_name(const Vulnerability& a, const Vulnerability& b) {
    const auto has = [](const Vulnerability& one, const std::string& id) {
        return one.id == id || std::ranges::binary_search(one.aliases, id);
    };
    return has(a, b.id) ||
           std::ranges::any_of(b.aliases, [&](const std::string& id) { return has(a, id); });
}

class Matcher {
  public:
    Matcher(const sbom::Sbom& sbom, const advisories::Database& database)
        : sbom_(sbom), database_(database) {}

    base::Result<Matches> run() {
        choose_ecosystems();
        for (const Package& package : sbom_.packages) {
            if (package.type == "deb") {
                VMSECURITY_TRY(match_distribution_package(package));
            } else if (package.type == "pypi") {
                VMSECURITY_TRY(match_python_package(package));
            }
        }
        sort(matches_.vulnerabilities);
        sort(matches_.suppressed);
        return std::move(matches_);
    }

  private:
    using Found = std::vector<Vulnerability>;

    void choose_ecosystems();
    void choose_distribution(std::uint64_t packages);
    base::Result<const Found*> look_up(const Lookup& lookup);
    base::Result<const Found*> look_up_source(const Package& package);
    base::Result<void> match_distribution_package(const Package& package);
    base::Result<void> match_python_package(const Package& package);
    base::Result<std::string> reason_of_owner(const Package& package, const Vulnerability& found);
    Vulnerability attribute(Vulnerability found, const Package& package) const;
    static void sort(Found& vulnerabilities);

    const sbom::Sbom& sbom_;
    const advisories::Database& database_;
    std::string distribution_;  // "Debian:12"; empty: the file has nothing for it
    bool python_ = false;
    // Binary packages share their source, so each source is looked up once.
    std::map<std::tuple<std::string, std::string, std::string>, Found> cache_;
    Matches matches_;
};

void Matcher::choose_ecosystems() {
    std::map<std::string_view, std::uint64_t> counts;
    for (const Package& package : sbom_.packages) ++counts[package.type];
    for (const auto& [type, count] : counts) {
        if (type == "deb") {
            choose_distribution(count);
        } else if (type == "pypi") {
            python_ = database_.has_ecosystem("PyPI");
            matches_.coverage.push_back(
                python_ ? coverage_entry("PyPI", CoverageState::kScanned, {}, count)
                        : coverage_entry("PyPI", CoverageState::kUnsupported,
                                         "the advisory file has no records for PyPI; build it "
                                         "with a feed that has, such as OSV's for PyPI",
                                         count));
        } else {
            matches_.coverage.push_back(coverage_entry(
                type, CoverageState::kUnsupported,
                fmt::format("this build does not match packages of type {}", type), count));
        }
    }
}

void Matcher::choose_distribution(std::uint64_t packages) {
    const model::OperatingSystem& os = sbom_.os;
    const auto ecosystems = advisories::distribution_ecosystems(os.id, os.version_id);
    const auto known = std::ranges::find_if(
        ecosystems, [&](const std::string& name) { return database_.has_ecosystem(name); });
    if (known != ecosystems.end()) {
        distribution_ = *known;
        matches_.coverage.push_back(
            coverage_entry(distribution_, CoverageState::kScanned, {}, packages));
    } else if (os.id.empty()) {
        matches_.coverage.push_back(coverage_entry(
            "deb", CoverageState::kUnsupported,
            "there are deb packages but no os-release, so the release whose advisories apply is "
            "not known",
            packages));
    } else if (ecosystems.empty()) {
        matches_.coverage.push_back(
            coverage_entry("deb", CoverageState::kUnsupported,
                           fmt::format("this build matches no advisories for {}",
                                       os.pretty_name.empty() ? os.id : os.pretty_name),
                           packages));
    } else {
        matches_.coverage.push_back(coverage_entry(
            ecosystems.front(), CoverageState::kUnsupported,
            fmt::format("the advisory file has no records for {0}; build it with a feed for {0}",
                        ecosystems.front()),
            packages));
    }
}

base::Result<const Matcher::Found*> Matcher::look_up(const Lookup& lookup) {
    const auto [place, is_new] =
        cache_.try_emplace({lookup.ecosystem, lookup.name, lookup.version});
    if (is_new) {
        VMSECURITY_ASSIGN(place->second, find_vulnerabilities(database_, lookup));
    }
    return &place->second;
}

base::Result<const Matcher::Found*> Matcher::look_up_source(const Package& package) {
    return look_up({distribution_, package.source_name.empty() ? package.name : package.source_name,
                    package.source_version.empty() ? package.version : package.source_version,
                    &dpkg_order()});
}

Vulnerability Matcher::attribute(Vulnerability found, const Package& package) const {
    found.package_purl = model::package_url(package, sbom_.os);
    found.package_name = package.name;
    found.package_version = package.version;
    found.package_location = package.location;
    return found;
}

base::Result<void> Matcher::match_distribution_package(const Package& package) {
    if (distribution_.empty()) return {};
    VMSECURITY_ASSIGN(const Found* found, look_up_source(package));
    for (const Vulnerability& one : *found) {
        matches_.vulnerabilities.push_back(attribute(one, package));
    }
    return {};
}

base::Result<void> Matcher::match_python_package(const Package& package) {
    if (!python_) return {};
    VMSECURITY_ASSIGN(const Found* found,
                      look_up({"PyPI", versions::normalize_pypi_name(package.name), package.version,
                               &pep440_order()}));
    for (const Vulnerability& one : *found) {
        Vulnerability vulnerability = attribute(one, package);
        if (!package.owner) {
            matches_.vulnerabilities.push_back(std::move(vulnerability));
            continue;
        }
        VMSECURITY_ASSIGN(vulnerability.suppressed_by, reason_of_owner(package, one));
        matches_.suppressed.push_back(std::move(vulnerability));
    }
    return {};
}

// What the distribution's record says of the owner, so that the reader sees both sides.
base::Result<std::string> Matcher::reason_of_owner(const Package& package,
                                                   const Vulnerability& found) {
    const Package::Owner& owner = *package.owner;
    std::string reason = fmt::format("owned by Debian package {} {}, whose record decides",
                                     owner.name, owner.version);
    if (sbom_.os.id != "debian") {
        reason = fmt::format("owned by distribution package {} {}, whose record decides",
                             owner.name, owner.version);
    }
    const auto owning = std::ranges::find_if(sbom_.packages, [&](const Package& one) {
        return one.type == "deb" && one.name == owner.name && one.version == owner.version;
    });
    if (owning == sbom_.packages.end() || distribution_.empty()) {
        return reason + " (the advisory file has no record of it)";
    }
    const std::string& source = owning->source_name.empty() ? owning->name : owning->source_name;
    VMSECURITY_ASSIGN(const Found* by_distribution, look_up_source(*owning));
    const auto same = std::ranges::find_if(
        *by_distribution, [&](const Vulnerability& one) { return share_a_name(one, found); });
    if (same != by_distribution->end()) {
        return reason + fmt::format(" ({} advisories for source {}: affected by {})", distribution_,
                                    source, same->id);
    }
    return reason + fmt::format(" ({} advisories for source {} do not list it for this version)",
                                distribution_, source);
}

void Matcher::sort(Found& vulnerabilities) {
    std::ranges::sort(vulnerabilities, [](const Vulnerability& a, const Vulnerability& b) {
        if (a.severity != b.severity) return a.severity > b.severity;
        return std::tie(a.id, a.package_name, a.package_location, a.package_purl) <
               std::tie(b.id, b.package_name, b.package_location, b.package_purl);
    });
}

}  // namespace

base::Result<Matches> match(const sbom::Sbom& sbom, const advisories::Database& database) {
    return Matcher(sbom, database).run();
}

}  // namespace vmsecurity::families::vulnerabilities
