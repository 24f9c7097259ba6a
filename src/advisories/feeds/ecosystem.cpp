#include "advisories/feeds/ecosystem.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace vmsecurity::advisories {
namespace {

constexpr std::array<std::string_view, 44> kEcosystems = {
    "AlmaLinux",
    "Alpaquita",
    "Alpine",
    "Android",
    "BellSoft Hardened Containers",
    "Bioconductor",
    "Bitnami",
    "Chainguard",
    "CleanStart",
    "ConanCenter",
    "CRAN",
    "crates.io",
    "Debian",
    "Docker Hardened Images",
    "Echo",
    "FreeBSD",
    "GHC",
    "GitHub Actions",
    "Go",
    "Hackage",
    "Hex",
    "Julia",
    "Kubernetes",
    "Linux",
    "Mageia",
    "Maven",
    "MinimOS",
    "npm",
    "NuGet",
    "opam",
    "openEuler",
    "openSUSE",
    "OSS-Fuzz",
    "Packagist",
    "Photon OS",
    "Pub",
    "PyPI",
    "Red Hat",
    "Rocky Linux",
    "Root",
    "RubyGems",
    "SUSE",
    "SwiftURL",
    "Ubuntu",
};

}  // namespace

std::string known_spelling(std::string_view ecosystem) {
    const std::string_view family = ecosystem.substr(0, ecosystem.find(':'));
    if (std::ranges::find(kEcosystems, family) != kEcosystems.end()) return std::string(ecosystem);
    const std::string lower = base::to_lower(family);
    const auto known = std::ranges::find_if(
        kEcosystems, [&](std::string_view one) { return base::to_lower(one) == lower; });
    if (known == kEcosystems.end()) return std::string(ecosystem);
    return std::string(*known).append(ecosystem.substr(family.size()));
}

}  // namespace vmsecurity::advisories
