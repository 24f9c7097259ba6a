#include "findings/family.h"

#include <algorithm>
#include <array>

namespace vmsecurity::findings {
namespace {

constexpr std::array<Family, kFindingTypeCount> kFamilies = {{
    {FindingType::kPackage, "sbom", "sboms", "packages", "totalPackages"},
    {FindingType::kVulnerability, "vulnerabilities", "vulnerabilities", "vulnerabilities",
     "totalVulnerabilities"},
    {FindingType::kMalware, "malware", "malware", "malware", "totalMalware"},
    {FindingType::kSecret, "secrets", "secrets", "secrets", "totalSecrets"},
    {FindingType::kMisconfiguration, "misconfigurations", "misconfigurations", "misconfigurations",
     "totalMisconfigurations"},
    {FindingType::kRootkit, "rootkits", "rootkits", "rootkits", "totalRootkits"},
    {FindingType::kExploit, "exploits", "exploits", "exploits", "totalExploits"},
    {FindingType::kInfoFinder, "infoFinder", "infoFinder", "infos", "totalInfoFinder"},
}};

const Family* find(std::string_view name, std::string_view Family::* by) {
    const auto found = std::ranges::find(kFamilies, name, by);
    return found == kFamilies.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Family> families() {
    return kFamilies;
}

const Family& family_of(FindingType type) {
    return kFamilies[static_cast<std::size_t>(type)];
}

const Family* find_family(std::string_view name) {
    return find(name, &Family::name);
}

const Family* find_family_by_member(std::string_view member) {
    return find(member, &Family::member);
}

}  // namespace vmsecurity::findings
