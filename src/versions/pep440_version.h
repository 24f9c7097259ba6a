#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
    // A decimal number of any length without leading zeros ("" is 0): release segments such as
    // 20230911.1 or dates with seconds do not all fit into 64 bits.
    using Number = std::string;
    enum class PreRelease : std::uint8_t { kAlpha, kBeta, kCandidate };
    struct LocalSegment {
        bool numeric = false;
        std::string text;  // lower case; a Number where numeric
    };

    static std::strong_ordering compare_numbers(const Number& a, const Number& b);
    std::strong_ordering compare_release(const Pep440Version& other) const;
    std::strong_ordering compare_pre(const Pep440Version& other) const;
    std::strong_ordering compare_local(const Pep440Version& other) const;
    int pre_rank() const;

    Number epoch_;
    std::vector<Number> release_;  // trailing zeros removed: 1.0 and 1.0.0 are one version
    std::optional<std::pair<PreRelease, Number>> pre_;
    std::optional<Number> post_;
    std::optional<Number> dev_;
    std::vector<LocalSegment> local_;

    friend class Pep440Parser;
};

// For strings that may be no PEP 440 version: legacy ones sort before all valid ones, among each
// other as packaging's LegacyVersion did.
std::weak_ordering compare_pep440(std::string_view a, std::string_view b);

// PEP 503: lower case, runs of '-', '_' and '.' become one '-'.
std::string normalize_pypi_name(std::string_view name);

}  // namespace vmsecurity::versions
