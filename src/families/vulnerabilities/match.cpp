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

#include "families/vulnerabilities/ecosystems.h"
#include "families/vulnerabilities/owner.h"
#include "families/vulnerabilities/package_match.h"
#include "families/vulnerabilities/source_package.h"
#include "model/purl.h"
#include "versions/pep440_version.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using model::Package;
using model::Vulnerability;

constexpr std::size_t kLookupsPerThread = 256;

// No machine has so many. A package database made for it can (a thousand packages "of" the kernel),
// and would fill the memory.
constexpr std::size_t kMaxFindings = 100'000;

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
        : sbom_(sbom), database_(database), ecosystems_(choose_ecosystems(sbom, database)) {}

    base::Result<Matches> run() {
        VMSECURITY_TRY(look_up_all());
        matches_.coverage = std::move(ecosystems_.coverage);
        add_not_comparable();
        reserve();
        // Python packages first: their reasons look at what was found for the distribution's, which
        // is moved on afterwards.
        for (const Package& package : sbom_.packages) {
            if (package.type == "pypi") match_python_package(package);
        }
        for (const Package& package : sbom_.packages) {
            if (package.type == "deb") match_distribution_package(package);
        }
        if (dropped_ > 0) {
            matches_.coverage.push_back(
                {model::CoverageScope::kAnalyzer, "vulnerabilities",
                 model::CoverageState::kTruncated,
                 fmt::format("more than {} vulnerabilities; the rest was left out", kMaxFindings),
                 dropped_});
        }
        sort(matches_.vulnerabilities);
        sort(matches_.suppressed);
        return std::move(matches_);
    }

  private:
    using Found = std::vector<Vulnerability>;

    // Asks the database once for each name and version, on all processors; what follows finds the
    // answers in cache_.
    base::Result<void> look_up_all();
    std::optional<Lookup> lookup_for(const Package& package) const;
    const Findings& found_for(const Lookup& lookup) const;
    void add_not_comparable();
    void match_distribution_package(const Package& package);
    void match_python_package(const Package& package);
    const Package* owner_of(const Package& package) const;
    // Why the owner's distribution does not judge the package; empty: it does.
    std::string doubt_of_owner(const Package& package, const Package* owner) const;
    std::string describe_owner(const Package& package, const Package* owner) const;
    std::string reason_of_distribution(const Package& owner, const Vulnerability& found) const;
    Vulnerability attribute(Vulnerability found, const Package& package) const;
    // A vulnerability is hundreds of bytes: a growing list would move each of them several times.
    void reserve() {
        std::size_t count = 0;
        for (const auto& [key, answer] : cache_) {
            count += answer.findings.vulnerabilities.size() * answer.packages;
        }
        matches_.vulnerabilities.reserve(std::min(count, kMaxFindings));
    }
    void add(Vulnerability found) {
        if (matches_.vulnerabilities.size() >= kMaxFindings) {
            ++dropped_;
        } else {
            matches_.vulnerabilities.push_back(std::move(found));
        }
    }
    static void sort(Found& vulnerabilities);

    const sbom::Sbom& sbom_;
    const advisories::Database& database_;
    Ecosystems ecosystems_;
    // Binary packages share their source, so each source is looked up once.
    using Key = std::tuple<std::string, std::string, std::string>;
    static Key key_of(const Lookup& lookup) {
        return {lookup.ecosystems.front(), lookup.name, lookup.version};
    }
    struct Answer {
        Findings findings;
        std::size_t packages = 0;  // that still want it
    };
    std::map<Key, Answer> cache_;
    Matches matches_;
    std::uint64_t dropped_ = 0;
};

std::optional<Lookup> Matcher::lookup_for(const Package& package) const {
    if (package.type == "deb" && !ecosystems_.distribution.empty()) {
        SourcePackage source = advised_source(package, sbom_.os);
        return Lookup{ecosystems_.distribution, std::move(source.name), std::move(source.version),
                      &dpkg_order()};
    }
    if (package.type == "pypi" && !ecosystems_.python.empty()) {
        return Lookup{ecosystems_.python, versions::normalize_pypi_name(package.name),
                      package.version, &pep440_order()};
    }
    return std::nullopt;
}

base::Result<void> Matcher::look_up_all() {
    std::vector<std::pair<Lookup, Findings*>> work;
    for (const Package& package : sbom_.packages) {
        auto lookup = lookup_for(package);
        if (!lookup) continue;
        Answer& answer = cache_[key_of(*lookup)];
        if (answer.packages++ == 0) work.emplace_back(std::move(*lookup), &answer.findings);
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

const Findings& Matcher::found_for(const Lookup& lookup) const {
    static const Findings kNothing;
    const auto found = cache_.find(key_of(lookup));
    return found == cache_.end() ? kNothing : found->second.findings;
}

void Matcher::add_not_comparable() {
    std::uint64_t count = 0;
    for (const auto& [key, answer] : cache_) {
        if (answer.findings.not_comparable) count += answer.packages;
    }
    if (count == 0) return;
    matches_.coverage.push_back(
        coverage_entry(ecosystems_.python.front(), model::CoverageState::kTruncated,
                       fmt::format("{} {} not comparable: not spelled as PEP 440 says, so "
                                   "only advisories that name them or all versions were matched",
                                   count, count == 1 ? "version" : "versions"),
                       count));
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
    for (Vulnerability& one : answer.findings.vulnerabilities) {
        add(attribute(last ? std::move(one) : one, package));
    }
}

void Matcher::match_python_package(const Package& package) {
    const auto lookup = lookup_for(package);
    if (!lookup) return;
    const Found& found = found_for(*lookup).vulnerabilities;
    if (found.empty()) return;
    const Package* owner = owner_of(package);
    const std::string doubt = package.owner ? doubt_of_owner(package, owner) : std::string();
    for (const Vulnerability& one : found) {
        Vulnerability vulnerability = attribute(one, package);
        if (package.owner && doubt.empty()) {
            vulnerability.suppressed_by =
                describe_owner(package, owner) + reason_of_distribution(*owner, one);
            matches_.suppressed.push_back(std::move(vulnerability));
            continue;
        }
        if (!package.owner && !package.unread_database.empty()) {
            vulnerability.suppressed_by = fmt::format(
                "a package in {}, which this build does not read, may own it; that "
                "package's record would decide",
                package.unread_database);
            matches_.suppressed.push_back(std::move(vulnerability));
            continue;
        }
        if (package.owner) vulnerability.remark = describe_owner(package, owner) + "; " + doubt;
        add(std::move(vulnerability));
    }
}

const Package* Matcher::owner_of(const Package& package) const {
    if (!package.owner) return nullptr;
    const auto owner = std::ranges::find_if(sbom_.packages, [&](const Package& one) {
        return one.type == "deb" && one.name == package.owner->name &&
               one.version == package.owner->version;
    });
    return owner == sbom_.packages.end() ? nullptr : &*owner;
}

std::string Matcher::doubt_of_owner(const Package& package, const Package* owner) const {
    if (ecosystems_.distribution.empty()) return "the advisory file has nothing that judges it";
    if (owner == nullptr) return "it is not among the packages found";
    const Lookup lookup = *lookup_for(*owner);
    return doubt_of_distribution(*owner, package.location, lookup, found_for(lookup).known,
                                 sbom_.os);
}

std::string Matcher::describe_owner(const Package& package, const Package* owner) const {
    std::string text =
        fmt::format("owned by package {} {}", package.owner->name, package.owner->version);
    if (owner == nullptr || owner->maintainer.empty()) return text;
    return text + fmt::format(" (maintainer {})", owner->maintainer);
}

// What the distribution's records say of the owner, so that the reader sees both sides.
std::string Matcher::reason_of_distribution(const Package& owner,
                                            const Vulnerability& found) const {
    const Lookup lookup = *lookup_for(owner);
    const Findings& by_distribution = found_for(lookup);
    const std::string reason =
        fmt::format(", for which {} advisories about source {} decide: ", lookup.ecosystems.front(),
                    lookup.name);
    if (!by_distribution.known) return reason + "there are none in the advisory file";
    const auto same =
        std::ranges::find_if(by_distribution.vulnerabilities,
                             [&](const Vulnerability& one) { return share_a_name(one, found); });
    if (same == by_distribution.vulnerabilities.end()) {
        return reason + fmt::format("none says that {} is affected by it", lookup.version);
    }
    return reason + fmt::format("affected by {}", same->id);
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
