#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::findings {

// What a finding is a finding of. The names are those of findingInfo.objectType.
enum class FindingType : std::uint8_t {
    kPackage,
    kVulnerability,
    kMalware,
    kSecret,
    kMisconfiguration,
    kRootkit,
    kExploit,
    kInfoFinder,
};
inline constexpr std::size_t kFindingTypeCount = 8;
inline constexpr std::array<FindingType, kFindingTypeCount> kFindingTypes = {
    FindingType::kPackage, FindingType::kVulnerability,    FindingType::kMalware,
    FindingType::kSecret,  FindingType::kMisconfiguration, FindingType::kRootkit,
    FindingType::kExploit, FindingType::kInfoFinder,
};

std::string_view to_string(FindingType type);  // "Package"
base::Result<FindingType> parse_finding_type(std::string_view text);

// The type that findingInfo.objectType names; nothing if it names none.
std::optional<FindingType> type_of(const boost::json::object& finding_info);

// The name of the thing that one finding is about, unique in (asset, type) while it is valid:
// packages by purl (name, version and type where there is none), vulnerabilities by id and the
// package, secrets by fingerprint and place, and so on; each with the location, the part of the
// asset that it is in. The same facts give the same key whatever else the object says, and
// different facts different ones: the parts are joined so that no two lists of them read the same.
// kInvalidArgument if nothing in the object names the thing.
base::Result<std::string> finding_key(FindingType type, const boost::json::object& finding_info,
                                      std::string_view location = {});

// What assets are counted by on dashboards: as finding_key, but the same on each asset and in each
// place of it ("openssl 3.0.11", whatever the distribution). The facts are those of VMClarity 0.6.
std::string impact_key(FindingType type, const boost::json::object& finding_info);

// The first 128 bits of the SHA-256 of a key, as 32 hexadecimal digits: what is stored and
// compared. Keys are made of names that a scanned disk chose, so the hash has to withstand one who
// looks for two keys with the same digest to hide one of two findings.
std::string key_digest(std::string_view key);

// The first 63 bits of the SHA-256 of `text`: never negative, so that it orders the same
// everywhere.
std::int64_t short_digest(std::string_view text);

}  // namespace vmsecurity::findings
