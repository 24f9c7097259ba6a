#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "families/sbom/results/location.h"
#include "families/vulnerabilities/results/results.h"
#include "families/vulnerabilities/version_order.h"

namespace vmsecurity::families::vulnerabilities::results {
namespace {

using model::CoverageEntry;
using model::CoverageState;
using sbom::results::LocatedCoverage;
using sbom::results::Root;

// Of one kind of package in one root. Where there are more, the root as a whole is named.
constexpr std::size_t kMaxPlaces = 200;

constexpr std::string_view kPrefix = "vulnerabilities/";

// The type of the packages that an ecosystem is of: "vulnerabilities/Debian:12" speaks of "deb".
std::string_view type_of(std::string_view ecosystem, const Root& root) {
    if (ecosystem == "PyPI") return "pypi";
    for (const model::Package& package : root.sbom.packages) {
        if (package.type == ecosystem) return package.type;
    }
    return "deb";
}

// Where the packages lie that an entry which is not simply "scanned" is about.
std::set<std::string> places_of(const CoverageEntry& entry, std::string_view type,
                                const Root& root) {
    // The only reason for which some packages of a type are matched and others are not.
    const bool odd_versions = entry.state == CoverageState::kTruncated && type == "pypi";
    std::set<std::string> places;
    for (const model::Package& package : root.sbom.packages) {
        if (package.type != type) continue;
        if (odd_versions && pep440_order().knows(package.version)) continue;
        places.insert(package.location);
        if (places.size() > kMaxPlaces) return {std::string()};
    }
    return places;
}

void add(const CoverageEntry& entry, const Root& root, std::vector<LocatedCoverage>& coverage) {
    const std::string_view name = entry.name;
    if (!name.starts_with(kPrefix)) {
        // Some were left out, whichever.
        if (entry.state != CoverageState::kScanned) {
            sbom::results::distrust(coverage, root.location, entry.reason);
        }
        return;
    }
    const std::string_view ecosystem = name.substr(kPrefix.size());
    const auto put = [&](std::string_view place, std::string reason, std::uint64_t count) {
        coverage.push_back(
            {model::CoverageScope::kAnalyzer,
             sbom::results::bounded_location(sbom::results::join_location(root.location, place)),
             entry.state, std::move(reason), count, std::string(sbom::results::kScanner)});
    };
    if (entry.state == CoverageState::kScanned) {
        put({}, fmt::format("advisories of {}", ecosystem), entry.count);
        return;
    }
    const auto places = places_of(entry, type_of(ecosystem, root), root);
    for (const std::string& place : places) {
        put(place, entry.reason, places.size() == 1 ? entry.count : 1);
    }
}

}  // namespace

std::vector<LocatedCoverage> locate_coverage(std::span<const MatchedRoot> roots,
                                             std::span<const LocatedCoverage> packages) {
    std::vector<LocatedCoverage> coverage(packages.begin(), packages.end());
    for (const MatchedRoot& matched : roots) {
        for (const CoverageEntry& entry : matched.matches->coverage) {
            add(entry, *matched.root, coverage);
        }
    }
    return coverage;
}

}  // namespace vmsecurity::families::vulnerabilities::results
