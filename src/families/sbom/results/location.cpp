#include "families/sbom/results/location.h"

#include "base/sha256.h"

namespace vmsecurity::families::sbom::results {

std::string join_location(std::string_view outer, std::string_view inner) {
    std::string location(outer);
    if (!outer.empty() && !inner.empty()) location += ", ";
    location += inner;
    return location;
}

std::string bounded_location(std::string location) {
    constexpr std::size_t kKept = 4000;
    if (location.size() <= kMaxLocation) return location;
    base::Sha256 digest;
    digest.update(location);
    const std::string hash = "..." + digest.finish_hex();
    std::size_t end = kKept;
    while (end > 0 && (static_cast<unsigned char>(location[end]) & 0xC0) == 0x80) --end;
    return location.substr(0, end) + hash;
}

}  // namespace vmsecurity::families::sbom::results
