#include "bench/api/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vmsecurity::bench {
namespace {

std::string amount(std::optional<double> value, std::string_view unit) {
    if (!value) return {};
    const int digits = *value >= 1000 ? 0 : *value >= 100 ? 1 : 2;
    return fmt::format("{:.{}f} {}", *value, digits, unit);
}

std::string ratio(double value, std::optional<double> to) {
    return to && *to > 0 ? fmt::format("{:.2f}", value / *to) : std::string{};
}

}  // namespace

double percentile(std::vector<double> values, double part) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const auto rank =
        static_cast<std::size_t>(std::ceil(part * static_cast<double>(values.size())));
    return values[std::min(values.size(), std::max<std::size_t>(rank, 1)) - 1];
}

void Report::heading(std::string_view text) {
    fmt::print("\n{:<50} {:>12} {:>12} {:>6} {:>12} {:>6} {:>10}\n", text, "measured", "goal",
               "ratio", "raw SQL", "ratio", "CPU");
}

void Report::add(const Figure& figure) {
    const bool missed = figure.goal && (figure.at_least ? figure.measured < *figure.goal
                                                        : figure.measured > *figure.goal);
    if (missed) ++misses_;
    fmt::print("{:<50} {:>12} {:>12} {:>6} {:>12} {:>6} {:>10}{}\n", figure.name,
               amount(figure.measured, figure.unit), amount(figure.goal, figure.unit),
               ratio(figure.measured, figure.goal), amount(figure.raw, figure.unit),
               ratio(figure.measured, figure.raw), amount(figure.cpu, "ms"),
               missed ? "  MISSED" : "");
    std::fflush(stdout);
}

void Report::note(std::string_view text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

void Report::fail(std::string_view what, std::string_view why) {
    ++misses_;
    fmt::print("{}: FAILED: {}\n", what, why);
    std::fflush(stdout);
}

}  // namespace vmsecurity::bench
