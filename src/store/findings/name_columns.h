#pragma once

#include <array>
#include <string_view>

namespace vmsecurity::store {

// The columns of findings whose distinct values finding_names keeps: names that repeat across
// assets, so that the values are few and a substring is looked for in them alone. A column that
// joins them needs a step of the schema that fills in its values.
inline constexpr std::array<std::string_view, 8> kNameColumns = {
    "vulnerability_name", "package_name", "name",    "malware_name",
    "rule_name",          "rootkit_name", "test_id", "cve_id",
};

}  // namespace vmsecurity::store
