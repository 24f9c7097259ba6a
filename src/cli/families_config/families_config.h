#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/coverage.h"

namespace vmsecurity::cli {

// Something that was asked for and that this build does not do.
struct Unsupported {
    std::string family;  // the API's name
    std::string part;    // a scanner, an input; empty: the whole family
    std::string reason;
};
model::CoverageEntry coverage_of(const Unsupported& unsupported);

// What a families config of VMClarity 0.6 (YAML) asks for. Its other keys configure programs that
// are not ours: they are known, and do nothing.
struct FamiliesConfig {
    struct Family {
        bool enabled = false;
        std::vector<std::string> scanners;  // as listed; empty: the default ones
    };
    std::map<std::string, Family, std::less<>> families;  // by the API's name: "misconfigurations"
    std::string target;                                   // of the inputs; empty: none
    std::vector<Unsupported> unsupported_inputs;

    bool enables(std::string_view family) const;
};

// Errors (kInvalidArgument): no YAML, a key that is not known (with the nearest ones), a value of
// another shape, two targets.
base::Result<FamiliesConfig> parse_families_config(std::string_view text);
base::Result<FamiliesConfig> read_families_config(const std::string& path);
// .families.yaml in the home directory, else in the current one.
std::optional<std::string> find_families_config();

// Those of a family's listed scanners that neither are ours nor the ones that ours
// stand in for: syft and trivy, grype and trivy.
std::vector<Unsupported> unsupported_scanners(std::string_view family,
                                              std::span<const std::string> scanners);
// All of the config that is enabled and that this build does not do, families included.
std::vector<Unsupported> unsupported_parts(const FamiliesConfig& config);

}  // namespace vmsecurity::cli
