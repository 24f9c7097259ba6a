#pragma once

#include <string>
#include <string_view>

namespace vmsecurity::families::sbom::results {

// Places in an asset, as the API writes them (FamilyResult.location, Coverage.location): a volume
// ("partition 2"; empty: the asset has no parts), a path in it ("/var/lib/dpkg/status"), or both
// ("partition 2, /var/lib/dpkg/status"). findings::holds() orders them.

// A place and what lies in it. Either may be empty.
std::string join_location(std::string_view outer, std::string_view inner);

// The API takes 4096 characters. Of what is longer the beginning is left, so that what holds it
// still does, and a hash, so that two of them differ.
inline constexpr std::size_t kMaxLocation = 4096;
std::string bounded_location(std::string location);

}  // namespace vmsecurity::families::sbom::results
