#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace vmsecurity::advisories {

// "AV:N/AC:L/..." as pairs. Version 4.0 has 32 metrics, the others fewer.
class CvssMetrics {
  public:
    // nullopt: a part without ':', a metric given twice, or too many of them.
    static std::optional<CvssMetrics> parse(std::string_view vector);

    // The value of a metric; empty if it is not given.
    std::string_view get(std::string_view name) const;

  private:
    struct Metric {
        std::string_view name;
        std::string_view value;
    };
    std::array<Metric, 40> metrics_{};
    std::size_t count_ = 0;
};

// The weight that belongs to `value` in a table of one-letter or longer values.
template <std::size_t N>
std::optional<double> cvss_weight(const std::array<std::pair<std::string_view, double>, N>& table,
                                  std::string_view value) {
    for (const auto& [name, weight] : table) {
        if (name == value) return weight;
    }
    return std::nullopt;
}

std::optional<double> cvss2_score(const CvssMetrics& metrics);
std::optional<double> cvss3_score(const CvssMetrics& metrics, bool version_31);
std::optional<double> cvss4_score(const CvssMetrics& metrics);

}  // namespace vmsecurity::advisories
