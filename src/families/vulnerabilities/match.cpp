#include "families/vulnerabilities/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "advisories/distribution.h"
#include "families/vulnerabilities/package_match.h"
#include "families/vulnerabilities/source_package.h"
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

constexpr std::size_t kLookupsPerThread = 256;

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
        VMSECURITY_TRY(look_up_all());
        // Python packages first: their reasons look at what was found for the distribution's, which
        // is moved on afterwards.
        for (const Package& package : sbom_.packages) {
            if (package.type == "pypi") match_python_package(package);
        }
        for (const Package& package : sbom_.packages) {
            if (package.type == "deb") match_distribution_package(package);
        }
        sort(matches_.vulnerabilities);
        sort(matches_.suppressed);
        return std::move(matches_);
    }

  private:
    using Found = std::vector<Vulnerability>;

    void choose_ecosystems();
    void choose_distribution(std::uint64_t packages);
    // Asks the database once for each name and version, on all processors; what follows finds the
    // answers in cache_.
    base::Result<void> look_up_all();
    std::optional<Lookup> lookup_for(const Package& package) const;
    const Found& found_for(const Lookup& lookup) const;
    void match_distribution_package(const Package& package);
    void match_python_package(const Package& package);
    std::string reason_of_owner(const Package& package, const Vulnerability& found) const;
    Vulnerability attribute(Vulnerability found, const Package& package) const;
    static void sort(Found& vulnerabilities);

    const sbom::Sbom& sbom_;
    const advisories::Database& database_;
    std::string distribution_;  // "Debian:12"; empty: the file has nothing for it
    bool python_ = false;
    // Binary packages share their source, so each source is looked up once.
    using Key = std::tuple<std::string, std::string, std::string>;
    static Key key_of(const Lookup& lookup) {
        return {lookup.ecosystem, lookup.name, lookup.version};
    }
    struct Answer {
        Found found;
        std::size_t packages = 0;  // that still want it
    };
    std::map<Key, Answer> cache_;
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

std::optional<Lookup> Matcher::lookup_for(const Package& package) const {
    if (package.type == "deb" && !distribution_.empty()) {
        SourcePackage source = advised_source(package, sbom_.os);
        return Lookup{distribution_, std::move(source.name), std::move(source.version),
                      &dpkg_order()};
    }
    if (package.type == "pypi" && python_) {
        return Lookup{"PyPI", versions::normalize_pypi_name(package.name), package.version,
                      &pep440_order()};
    }
    return std::nullopt;
}

base::Result<void> Matcher::look_up_all() {
    std::vector<std::pair<Lookup, Found*>> work;
    for (const Package& package : sbom_.packages) {
        auto lookup = lookup_for(package);
        if (!lookup) continue;
        Answer& answer = cache_[key_of(*lookup)];
        if (answer.packages++ == 0) work.emplace_back(std::move(*lookup), &answer.found);
    }
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::optional<base::Error> failure;
    const auto run = [&] {
        for (std::size_t i = next++; i < work.size(); i = next++) {
            auto found = find_vulnerabilities(database_, work[i].first);
            if (found) {
                *work[i].second = std::move(*found);
                continue;
            }
            const std::lock_guard lock(mutex);
            failure = std::move(found).error();
        }
    };
    // A thread costs as much as a few hundred look-ups.
    const std::size_t threads =
        std::min<std::size_t>(std::thread::hardware_concurrency(), work.size() / kLookupsPerThread);
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run);
        run();
    }
    if (failure) return base::fail(std::move(*failure));
    return {};
}

const Matcher::Found& Matcher::found_for(const Lookup& lookup) const {
    static const Found kNothing;
    const auto found = cache_.find(key_of(lookup));
    return found == cache_.end() ? kNothing : found->second.found;
}

Vulnerability Matcher::attribute(Vulnerability found, const Package& package) const {
    found.package_purl = model::package_url(package, sbom_.os);
    found.package_name = package.name;
    found.package_version = package.version;
    found.package_location = package.location;
    return found;
}

void Matcher::match_distribution_package(const Package& package) {
    const auto lookup = lookup_for(package);
    if (!lookup) return;
    Answer& answer = cache_.at(key_of(*lookup));
    const bool last = --answer.packages == 0;
    for (Vulnerability& one : answer.found) {
        matches_.vulnerabilities.push_back(attribute(last ? std::move(one) : one, package));
    }
}

void Matcher::match_python_package(const Package& package) {
    const auto lookup = lookup_for(package);
    if (!lookup) return;
    for (const Vulnerability& one : found_for(*lookup)) {
        Vulnerability vulnerability = attribute(one, package);
        if (!package.owner) {
            matches_.vulnerabilities.push_back(std::move(vulnerability));
            continue;
        }
        vulnerability.suppressed_by = reason_of_owner(package, one);
        matches_.suppressed.push_back(std::move(vulnerability));
    }
}

// What the distribution's record says of the owner, so that the reader sees both sides.
std::string Matcher::reason_of_owner(const Package& package, const Vulnerability& found) const {
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
    const auto lookup = lookup_for(*owning);
    if (!lookup) return reason;
    const std::string& source = lookup->name;
    const Found& by_distribution = found_for(*lookup);
    const auto same = std::ranges::find_if(
        by_distribution, [&](const Vulnerability& one) { return share_a_name(one, found); });
    if (same != by_distribution.end()) {
        return reason + fmt::format(" ({} advisories for source {}: affected by {})", distribution_,
                                    source, same->id);
    }
    return reason + fmt::format(" ({} advisories for source {} do not list it for this version)",
                                distribution_, source);
}

void Matcher::sort(Found& vulnerabilities) {
    // Places are sorted, not the vulnerabilities: each is hundreds of bytes and moves once.
    std::vector<std::size_t> order(vulnerabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t i, std::size_t j) {
        const Vulnerability& a = vulnerabilities[i];
        const Vulnerability& b = vulnerabilities[j];
        if (a.severity != b.severity) return a.severity > b.severity;
        return std::tie(a.id, a.package_name, a.package_location, a.package_purl) <
               std::tie(b.id, b.package_name, b.package_location, b.package_purl);
    });
    Found sorted;
    sorted.reserve(vulnerabilities.size());
    for (const std::size_t i : order) sorted.push_back(std::move(vulnerabilities[i]));
    vulnerabilities = std::move(sorted);
}

}  // namespace

base::Result<Matches> match(const sbom::Sbom& sbom, const advisories::Database& database) {
    return Matcher(sbom, database).run();
}

}  // namespace vmsecurity::families::vulnerabilities
