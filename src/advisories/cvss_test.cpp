#include "advisories/cvss.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/text.h"
#include "codec/archive.h"

namespace vmsecurity::advisories {
namespace {

TEST(Cvss, ScoresTheExamplesOfTheSpecifications) {
    EXPECT_EQ(cvss_base_score("AV:N/AC:L/Au:N/C:N/I:N/A:C"), 7.8);  // v2 §3.3.1
    EXPECT_EQ(cvss_base_score("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"), 6.1);
    EXPECT_EQ(cvss_base_score("CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:C/C:H/I:H/A:H"), 7.8);
    EXPECT_EQ(cvss_base_score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
              9.3);
}

TEST(Cvss, RefusesWhatIsNoVector) {
    for (const char* bad : {"", "high", "7.5", "CVSS:3.1", "CVSS:3.1/", "CVSS:3.1/AV:N",
                            "CVSS:5.0/AV:N", "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                            "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                            "CVSS:3.1/AV:N/AC/PR:N/UI:N/S:U/C:H/I:H/A:H",
                            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:S/SI:N/SA:N"}) {
        EXPECT_FALSE(cvss_base_score(bad).has_value()) << bad;
    }
}

TEST(Cvss, RatesScores) {
    EXPECT_EQ(severity_of_score(0.0), model::Severity::kNegligible);
    EXPECT_EQ(severity_of_score(0.1), model::Severity::kLow);
    EXPECT_EQ(severity_of_score(3.9), model::Severity::kLow);
    EXPECT_EQ(severity_of_score(4.0), model::Severity::kMedium);
    EXPECT_EQ(severity_of_score(7.0), model::Severity::kHigh);
    EXPECT_EQ(severity_of_score(9.0), model::Severity::kCritical);
}

// Lines "VECTOR - (BASE, ...)" or "VECTOR - SCORE" of the files named vectors_*; only the first
// number is the base score (for v4.0: the score).
std::size_t check_vectors(std::string_view text) {
    std::size_t lines = 0;
    for (const std::string_view line : base::split(text, '\n')) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string_view::npos) continue;
        const std::string vector(line.substr(0, dash));
        std::string_view number = line.substr(dash + 3);
        if (number.starts_with('(')) number.remove_prefix(1);
        const auto score = cvss_base_score(vector);
        EXPECT_TRUE(score.has_value()) << vector;
        EXPECT_DOUBLE_EQ(score.value_or(-1), std::strtod(std::string(number).c_str(), nullptr))
            << vector;
        ++lines;
    }
    return lines;
}

TEST(Cvss, AgreesWithTheTablesOfRedHat) {
    const char* root = std::getenv("VMSECURITY_TEST_DATA");
    if (root == nullptr) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    std::size_t lines = 0;
    const auto walked = codec::walk_archive(
        std::string(root) + "/quality/cvss-redhat-vectors.tar.zst", {},
        [&](std::string_view name, const std::string& content) -> base::Result<void> {
            if (name.find("/vectors_") != std::string_view::npos) lines += check_vectors(content);
            return {};
        });
    ASSERT_TRUE(walked.has_value()) << walked.error().describe();
    EXPECT_GT(lines, 7000U);
}

TEST(Cvss, AgreesWithFirstOnEveryMacrovector) {
    const char* root = std::getenv("VMSECURITY_TEST_DATA");
    if (root == nullptr) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    std::size_t lines = 0;
    const auto check = [&](std::string_view line) {
        const std::size_t start = line.find("CVSS:");
        const std::size_t score = line.find("'score': ");
        if (start == std::string_view::npos || score == std::string_view::npos) return;
        const std::string vector(line.substr(start, line.find('\'', start) - start));
        EXPECT_DOUBLE_EQ(cvss_base_score(vector).value_or(-1),
                         std::strtod(std::string(line.substr(score + 9)).c_str(), nullptr))
            << vector;
        ++lines;
    };
    const auto walked = codec::walk_archive(
        std::string(root) + "/quality/cvss-first-macro.tar.zst", {},
        [&](std::string_view name, const std::string& content) -> base::Result<void> {
            if (!name.ends_with("/macro-scores")) return {};
            for (const std::string_view line : base::split(content, '\n')) check(line);
            return {};
        });
    ASSERT_TRUE(walked.has_value()) << walked.error().describe();
    EXPECT_EQ(lines, 270U);
}

}  // namespace
}  // namespace vmsecurity::advisories
