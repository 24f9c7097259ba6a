#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "families/sbom/sbom.h"
#include "model/coverage.h"

// Coverage as the API server reads it (Coverage of api/openapi.yaml): which place of the asset was
// looked at to its end. findings::looked_at() decides by it what may be closed, the most special
// entry that holds a finding's location first. So whatever went wrong is said of the place where it
// did, and of no larger one; what has no place is said of everything.
namespace vmsecurity::families::sbom::results {

// By this name results say who found them, so that they close nothing that others have found.
inline constexpr std::string_view kScanner = "vmsecurity";

struct LocatedCoverage {
    model::CoverageScope scope = model::CoverageScope::kFile;
    std::string location;  // location.h; empty: the whole asset
    model::CoverageState state = model::CoverageState::kScanned;
    std::string reason;
    std::uint64_t count = 1;
    std::string scanner = std::string(kScanner);

    bool operator==(const LocatedCoverage&) const = default;
};

// One root: what is installed in one part of the asset.
struct Root {
    std::string location;  // "partition 2"; empty: the asset has no parts. Places in `sbom` are
                           // those inside this one: "/var/lib/dpkg/status".
    Sbom sbom;
};

// A volume that was to be walked.
struct Volume {
    std::string location;
    bool walked = false;  // to its end
};

// What a scan of one target looked at. `within`: the part of the asset that the target is ("disk
// 2"), empty for the only or first one. `coverage` is the scan's own (scan::Outcome), whose entries
// of files do not say of which volume they are: they count for each.
std::vector<LocatedCoverage> locate_coverage(std::string_view within,
                                             std::span<const Volume> volumes,
                                             std::span<const model::CoverageEntry> coverage,
                                             std::span<const Root> roots);

// Nothing inside `location` was seen for sure: what was scanned there becomes truncated.
void distrust(std::vector<LocatedCoverage>& coverage, std::string_view location,
              const std::string& reason);

// An array of the API's Coverage.
void write_coverage(codec::JsonWriter& json, std::string_view family,
                    std::span<const LocatedCoverage> coverage);
// And back; entries that are none are left out.
std::vector<LocatedCoverage> read_coverage(const boost::json::array& entries);

}  // namespace vmsecurity::families::sbom::results
