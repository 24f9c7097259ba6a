#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "advisories/cvss_metrics.h"

// CVSS v4.0, §8.2: a vector belongs to one of 270 classes ("macrovectors", six digits EQ1..EQ6),
// each with a score for its worst member; how far a vector is from that worst member moves its
// score towards that of the next class.
namespace vmsecurity::advisories {
namespace {

constexpr std::uint8_t kNo = 255;  // no such class

// Scores times ten. One row for each EQ1, EQ2, EQ3; in it EQ4, EQ5, EQ6 with EQ6 running fastest.
// Source: the macrovector scores that FIRST publishes with the v4.0 calculator.
// clang-format off
constexpr std::array<std::uint8_t, 324> kScores = {
    100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68,
    98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48,
    kNo, 92, kNo, 82, kNo, 72, kNo, 79, kNo, 69, kNo, 50, kNo, 69, kNo, 55, kNo, 27,
    99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53,
    95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30,
    kNo, 86, kNo, 75, kNo, 52, kNo, 71, kNo, 52, kNo, 29, kNo, 63, kNo, 29, kNo, 17,
    98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49,
    94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25,
    kNo, 83, kNo, 70, kNo, 54, kNo, 65, kNo, 58, kNo, 26, kNo, 53, kNo, 21, kNo, 13,
    95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30,
    89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16,
    kNo, 71, kNo, 59, kNo, 30, kNo, 58, kNo, 26, kNo, 15, kNo, 23, kNo, 13, kNo, 6,
    93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22,
    85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8,
    kNo, 64, kNo, 51, kNo, 20, kNo, 47, kNo, 21, kNo, 11, kNo, 24, kNo, 9, kNo, 4,
    88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11,
    75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2,
    kNo, 53, kNo, 24, kNo, 14, kNo, 24, kNo, 12, kNo, 5, kNo, 10, kNo, 3, kNo, 1,
};
// clang-format on

struct Classes {
    std::array<int, 7> eq{};  // [1] to [6]

    double score() const {
        static constexpr std::array<int, 7> kLevels = {0, 3, 2, 3, 3, 3, 2};
        std::size_t index = 0;
        for (std::size_t i = 1; i <= 6; ++i) {
            if (eq.at(i) >= kLevels.at(i)) return std::numeric_limits<double>::quiet_NaN();
            index = index * static_cast<std::size_t>(kLevels.at(i)) +
                    static_cast<std::size_t>(eq.at(i));
        }
        const std::uint8_t tenths = kScores.at(index);
        return tenths == kNo ? std::numeric_limits<double>::quiet_NaN() : tenths / 10.0;
    }
    Classes lower(std::size_t i) const {
        Classes next = *this;
        ++next.eq.at(i);
        return next;
    }
};

// The metrics that count, in the order of kNames; a value is its distance from the worst one in
// steps (§8.2.2), so 0 is the worst.
enum Metric : std::size_t { AV, PR, UI, AC, AT, VC, VI, VA, SC, SI, SA, CR, IR, AR, E, kMetrics };
using Values = std::array<int, kMetrics>;

struct MetricInfo {
    std::string_view name;
    std::string_view letters;  // from the worst on
    char absent;               // the value that stands for "not defined"; 0: must be given
};
constexpr std::array<MetricInfo, kMetrics> kInfo = {{
    {"AV", "NALP", 0},
    {"PR", "NLH", 0},
    {"UI", "NPA", 0},
    {"AC", "LH", 0},
    {"AT", "NP", 0},
    {"VC", "HLN", 0},
    {"VI", "HLN", 0},
    {"VA", "HLN", 0},
    {"SC", "SHLN", 0},
    {"SI", "SHLN", 0},
    {"SA", "SHLN", 0},
    {"CR", "HML", 'H'},
    {"IR", "HML", 'H'},
    {"AR", "HML", 'H'},
    {"E", "APU", 'A'},
}};

std::optional<int> distance_of(std::size_t metric, char letter) {
    const std::size_t place = kInfo.at(metric).letters.find(letter);
    if (place == std::string_view::npos) return std::nullopt;
    return static_cast<int>(place);
}

std::optional<Values> read_values(const CvssMetrics& metrics) {
    Values values{};
    for (std::size_t i = 0; i < kMetrics; ++i) {
        const MetricInfo& info = kInfo.at(i);
        std::string_view value = metrics.get(info.name);
        if (value.empty() && info.absent == 0) return std::nullopt;
        // "Safety" exists only as a modified metric, and only for SI and SA.
        if (i >= SC && i <= SA && value == "S") return std::nullopt;
        std::array<char, 4> modified_name{'M'};
        std::ranges::copy(info.name, modified_name.begin() + 1);
        const std::string_view modified = metrics.get({modified_name.data(), info.name.size() + 1});
        if (i < CR && !modified.empty() && modified != "X") value = modified;
        if (i == SC && value == "S") return std::nullopt;
        const char letter = value.empty() || value == "X" ? info.absent : value[0];
        const auto distance = distance_of(i, letter);
        if (!distance || value.size() > 1) return std::nullopt;
        values.at(i) = *distance;
    }
    return values;
}

int level(bool worst, bool middle) {
    if (worst) return 0;
    return middle ? 1 : 2;
}

// Table 24 of §8.2: 0 stands for the worst value of a metric.
Classes classify(const Values& v) {
    constexpr int kHigh = 1;  // of SC, SI, SA, where 0 is Safety
    const auto worst = [&](Metric metric) { return v.at(metric) == 0; };
    Classes classes;
    auto& eq = classes.eq;
    const bool physical = v[AV] == 3;
    eq[1] = level(worst(AV) && worst(PR) && worst(UI),
                  !physical && (worst(AV) || worst(PR) || worst(UI)));
    eq[2] = worst(AC) && worst(AT) ? 0 : 1;
    eq[3] = level(worst(VC) && worst(VI), worst(VC) || worst(VI) || worst(VA));
    eq[4] = level(worst(SI) || worst(SA), v[SC] == kHigh || v[SI] == kHigh || v[SA] == kHigh);
    eq[5] = v[E];
    const bool wanted_and_lost =
        (worst(CR) && worst(VC)) || (worst(IR) && worst(VI)) || (worst(AR) && worst(VA));
    eq[6] = wanted_and_lost ? 0 : 1;
    return classes;
}

// The worst members of a class, as letters of `metrics` in turn (§8.2.3, table 25 ff.).
struct Worst {
    std::span<const Metric> metrics;
    std::span<const std::string_view> members;
    int depth;  // steps from the worst to the mildest member
};

constexpr std::array kMetrics1 = {AV, PR, UI};
constexpr std::array kMetrics2 = {AC, AT};
constexpr std::array kMetrics36 = {VC, VI, VA, CR, IR, AR};
constexpr std::array kMetrics4 = {SC, SI, SA};

template <std::size_t N>
using Members = std::array<std::string_view, N>;

Worst worst_of_eq1(int eq1) {
    static constexpr Members<1> k0 = {"NNN"};
    static constexpr Members<3> k1 = {"ANN", "NLN", "NNP"};
    static constexpr Members<2> k2 = {"PNN", "ALP"};
    if (eq1 == 0) return {kMetrics1, k0, 1};
    return eq1 == 1 ? Worst{kMetrics1, k1, 4} : Worst{kMetrics1, k2, 5};
}

Worst worst_of_eq2(int eq2) {
    static constexpr Members<1> k0 = {"LN"};
    static constexpr Members<2> k1 = {"HN", "LP"};
    return eq2 == 0 ? Worst{kMetrics2, k0, 1} : Worst{kMetrics2, k1, 2};
}

Worst worst_of_eq36(int eq3, int eq6) {
    static constexpr Members<1> k00 = {"HHHHHH"};
    static constexpr Members<2> k01 = {"HHLMMH", "HHHMMM"};
    static constexpr Members<2> k10 = {"LHHHHH", "HLHHHH"};
    static constexpr Members<5> k11 = {"LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM"};
    static constexpr Members<1> k21 = {"LLLHHH"};
    if (eq3 == 0) return eq6 == 0 ? Worst{kMetrics36, k00, 7} : Worst{kMetrics36, k01, 6};
    if (eq3 == 1) return eq6 == 0 ? Worst{kMetrics36, k10, 8} : Worst{kMetrics36, k11, 8};
    return {kMetrics36, k21, 10};
}

Worst worst_of_eq4(int eq4) {
    static constexpr Members<1> k0 = {"HSS"};
    static constexpr Members<1> k1 = {"HHH"};
    static constexpr Members<1> k2 = {"LLL"};
    if (eq4 == 0) return {kMetrics4, k0, 6};
    return eq4 == 1 ? Worst{kMetrics4, k1, 5} : Worst{kMetrics4, k2, 4};
}

// Steps from the first worst member that is nowhere milder than the vector, over all the steps
// that the class has.
double share_of_depth(const Values& values, const Worst& worst) {
    for (const std::string_view member : worst.members) {
        int steps = 0;
        bool covers = true;
        for (std::size_t i = 0; i < member.size(); ++i) {
            const int difference =
                values.at(worst.metrics[i]) - distance_of(worst.metrics[i], member[i]).value_or(0);
            covers = covers && difference >= 0;
            steps += difference;
        }
        if (covers) return static_cast<double>(steps) / worst.depth;
    }
    return 0;
}

// The class below in EQ3 and EQ6, which go together because both look at VC, VI and VA.
double score_below_eq36(const Classes& classes) {
    if (classes.eq[3] == 0 && classes.eq[6] == 0) {
        return std::fmax(classes.lower(6).score(), classes.lower(3).score());
    }
    return classes.eq[3] == 1 && classes.eq[6] == 0 ? classes.lower(6).score()
                                                    : classes.lower(3).score();
}

}  // namespace

std::optional<double> cvss4_score(const CvssMetrics& metrics) {
    const auto values = read_values(metrics);
    if (!values) return std::nullopt;
    const auto none = [&](Metric metric) {
        return values->at(metric) + 1 == static_cast<int>(kInfo.at(metric).letters.size());
    };
    if (none(VC) && none(VI) && none(VA) && none(SC) && none(SI) && none(SA)) return 0.0;

    const Classes classes = classify(*values);
    const auto& eq = classes.eq;
    const double score = classes.score();
    double reduction = 0;
    int classes_below = 0;
    const auto add = [&](double score_below, double share) {
        if (std::isnan(score_below)) return;
        reduction += (score - score_below) * share;
        ++classes_below;
    };
    add(classes.lower(1).score(), share_of_depth(*values, worst_of_eq1(eq[1])));
    add(classes.lower(2).score(), share_of_depth(*values, worst_of_eq2(eq[2])));
    add(score_below_eq36(classes), share_of_depth(*values, worst_of_eq36(eq[3], eq[6])));
    add(classes.lower(4).score(), share_of_depth(*values, worst_of_eq4(eq[4])));
    add(classes.lower(5).score(), 0);
    const double mean = classes_below == 0 ? 0 : reduction / classes_below;
    // The small addend keeps exact halves that floating point made a little too small.
    return std::round(std::clamp(score - mean, 0.0, 10.0) * 10 + 1e-6) / 10;
}

}  // namespace vmsecurity::advisories
