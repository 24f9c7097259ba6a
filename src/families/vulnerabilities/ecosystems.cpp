#include "families/vulnerabilities/ecosystems.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "advisories/distribution.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using model::CoverageEntry;
using model::CoverageState;

constexpr std::string_view kPython = "PyPI";

// "ID=raspbian, VERSION_ID=12 (Raspbian GNU/Linux 12)", as os-release spells it, so that the reader
// sees what was decided by.
std::string describe(const model::OperatingSystem& os) {
    std::string text =
        fmt::format("ID={}, {}", os.id,
                    os.version_id.empty() ? "no VERSION_ID" : "VERSION_ID=" + os.version_id);
    if (!os.pretty_name.empty()) text += fmt::format(" ({})", os.pretty_name);
    return text;
}

CoverageEntry without_advisories(const model::OperatingSystem& os,
                                 const std::vector<std::string>& ecosystems, std::uint64_t count) {
    if (os.id.empty()) {
        return coverage_entry("deb", CoverageState::kUnsupported,
                              "there are deb packages but no os-release, so the release whose "
                              "advisories apply is not known",
                              count);
    }
    if (ecosystems.empty()) {
        return coverage_entry("deb", CoverageState::kUnsupported,
                              fmt::format("this build matches no advisories for {}", describe(os)),
                              count);
    }
    if (os.id == "debian" && ecosystems.size() == 1) {
        return coverage_entry(
            ecosystems.front(), CoverageState::kUnsupported,
            fmt::format("{}: a rolling release without numbered advisories, as testing and "
                        "unstable are",
                        describe(os)),
            count);
    }
    return coverage_entry(
        ecosystems.front(), CoverageState::kUnsupported,
        fmt::format("the advisory file has no records for {0}; build it with a feed for {0}",
                    ecosystems.front()),
        count);
}

void choose_distribution(const model::OperatingSystem& os, const advisories::Database& database,
                         std::uint64_t count, Ecosystems& chosen) {
    const auto ecosystems = advisories::distribution_ecosystems(os.id, os.version_id);
    for (const std::string& name : ecosystems) {
        if (!database.has_ecosystem(name)) continue;
        chosen.distribution.push_back(name);
        chosen.coverage.push_back(coverage_entry(name, CoverageState::kScanned, {}, count));
    }
    if (chosen.distribution.empty()) {
        chosen.coverage.push_back(without_advisories(os, ecosystems, count));
    }
}

void choose_python(const advisories::Database& database, std::uint64_t count, Ecosystems& chosen) {
    if (database.has_ecosystem(kPython)) {
        chosen.python.emplace_back(kPython);
        chosen.coverage.push_back(coverage_entry(kPython, CoverageState::kScanned, {}, count));
        return;
    }
    chosen.coverage.push_back(coverage_entry(kPython, CoverageState::kUnsupported,
                                             "the advisory file has no records for PyPI; build it "
                                             "with a feed that has, such as OSV's for PyPI",
                                             count));
}

}  // namespace

Ecosystems choose_ecosystems(const sbom::Sbom& sbom, const advisories::Database& database) {
    std::map<std::string_view, std::uint64_t> counts;
    for (const model::Package& package : sbom.packages) ++counts[package.type];
    Ecosystems chosen;
    for (const auto& [type, count] : counts) {
        if (type == "deb") {
            choose_distribution(sbom.os, database, count, chosen);
        } else if (type == "pypi") {
            choose_python(database, count, chosen);
        } else {
            chosen.coverage.push_back(coverage_entry(
                type, CoverageState::kUnsupported,
                fmt::format("this build does not match packages of type {}", type), count));
        }
    }
    return chosen;
}

CoverageEntry coverage_entry(std::string_view ecosystem, CoverageState state, std::string reason,
                             std::uint64_t count) {
    return {model::CoverageScope::kAnalyzer, fmt::format("vulnerabilities/{}", ecosystem), state,
            std::move(reason), count};
}

}  // namespace vmsecurity::families::vulnerabilities
