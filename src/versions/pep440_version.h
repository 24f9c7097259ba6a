#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::versions {

// A Python version (PEP 440). parse() accepts all spellings that the PEP normalises ("1.0-RC1",
// "v1.0.post").
class Pep440Version {
  public:
    static std::optional<Pep440Version> parse(std::string_view text);

    std::weak_ordering operator<=>(const Pep440Version& other) const;
    bool operator==(const Pep440Version& other) const { return (*this <=> other) == 0; }

    bool has_local() const;  // "1.0+cu118"
    Pep440Version without_local() const;

  private:
    // (shape left to the implementer)
};

// For strings that may be no PEP 440 version: legacy ones sort before all valid ones, among each
// other as packaging's LegacyVersion did.
std::weak_ordering compare_pep440(std::string_view a, std::string_view b);

// PEP 503: lower case, runs of '-', '_' and '.' become one '-'.
std::string normalize_pypi_name(std::string_view name);

}  // namespace vmsecurity::versions
