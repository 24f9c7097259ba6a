#include "families/vulnerabilities/affected_version.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::AffectedPackage;
using advisories::EventKind;

EventKind event_kind(std::string_view word) {
    if (word == "introduced") return EventKind::kIntroduced;
    if (word == "fixed") return EventKind::kFixed;
    return word == "last" ? EventKind::kLastAffected : EventKind::kLimit;
}

// "introduced 0, fixed 1.2; introduced 2.0" (ranges separated by ';'), versions after '|'.
AffectedPackage entry(std::string_view text) {
    AffectedPackage affected;
    const std::size_t bar = text.find('|');
    if (bar != std::string_view::npos) {
        for (const auto version : base::split(text.substr(bar + 1), ' ')) {
            if (!version.empty()) affected.versions.emplace_back(version);
        }
    }
    for (const auto range : base::split(text.substr(0, bar), ';')) {
        advisories::VersionRange read;
        for (const auto event : base::split(range, ',')) {
            const auto words = base::split(base::trim(event), ' ');
            if (words.size() != 2) continue;
            read.events.push_back({event_kind(words[0]), std::string(words[1])});
        }
        if (!read.events.empty()) affected.ranges.push_back(std::move(read));
    }
    return affected;
}

// The constraint and the lowest fixed version, or "no".
std::string judge(std::string_view text, std::string_view version,
                  const VersionOrder& order = pep440_order()) {
    const auto match = match_version(entry(text), version, order);
    if (!match) return "no";
    const AffectedPackage affected = entry(text);
    const std::array<const AffectedPackage*, 1> entries = {&affected};
    const std::string fixed = lowest_fixed(entries, version, order);
    return fixed.empty() ? match->constraint : match->constraint + " -> " + fixed;
}

TEST(MatchVersion, ReadsIntervals) {
    constexpr auto kTwo = "introduced 2.0, fixed 2.3, introduced 0, fixed 1.4";  // in any order
    EXPECT_EQ(judge(kTwo, "1.0"), "< 1.4 -> 1.4");
    EXPECT_EQ(judge(kTwo, "1.4"), "no");
    EXPECT_EQ(judge(kTwo, "1.9"), "no");
    EXPECT_EQ(judge(kTwo, "2.0"), ">= 2.0, < 2.3 -> 2.3");
    EXPECT_EQ(judge(kTwo, "2.3"), "no");
    EXPECT_EQ(judge("introduced 0", "99"), "all versions");
    EXPECT_EQ(judge("introduced 1.0", "0.9"), "no");
    EXPECT_EQ(judge("introduced 1.0", "1.0"), ">= 1.0");
    EXPECT_EQ(judge("introduced 0, last 1.5", "1.5"), "<= 1.5");
    EXPECT_EQ(judge("introduced 0, last 1.5", "1.5.1"), "no");
    EXPECT_EQ(judge("last 1.0, introduced 1.0", "1.0"), ">= 1.0, <= 1.0");
    EXPECT_EQ(judge("last 1.0, introduced 1.0", "1.1"), "no");
    EXPECT_EQ(judge("fixed 1.0", "0.5"), "no");  // nothing was introduced
    EXPECT_EQ(judge("introduced 0, limit 1.0", "1.0"), "no");
    EXPECT_EQ(judge("introduced 0, limit 1.0, limit *", "1.0"), "all versions");
}

TEST(MatchVersion, TakesRangesAndVersionsTogether) {
    EXPECT_EQ(judge("introduced 0, fixed 1.0; introduced 0, fixed 1.2", "0.9"),
              "< 1.0 -> 1.2");  // 1.0 lies in the other range
    EXPECT_EQ(judge("introduced 0, fixed 1.0; introduced 0, fixed 1.2", "1.1"), "< 1.2 -> 1.2");
    EXPECT_EQ(judge("introduced 0, fixed 1.0|1.1.0", "1.1"), "= 1.1.0");
    EXPECT_EQ(judge("|1.0", "1.0+local"), "= 1.0");
    EXPECT_EQ(judge("|1.0+a", "1.0+b"), "no");
    EXPECT_EQ(judge("", "1.0"), "no");
}

TEST(MatchVersion, DoesNotOrderWhatIsNoVersion) {
    EXPECT_EQ(judge("introduced 0, fixed 2.0", "2004d-alpha"), "no");
    EXPECT_EQ(judge("introduced 0, last 2.0", "unknown"), "no");
    EXPECT_EQ(judge("introduced 1.0", "unknown"), "no");
    EXPECT_EQ(judge("introduced 0, limit 2.0", "unknown"), "no");
    EXPECT_EQ(judge("introduced 0", "unknown"), "all versions");
    EXPECT_EQ(judge("introduced 0, limit *", "unknown"), "all versions");
    EXPECT_EQ(judge("introduced 0, fixed 2.0|unknown", "unknown"), "= unknown");
    EXPECT_TRUE(has_bounds(entry("introduced 0; introduced 0, fixed 1.0")));
    EXPECT_FALSE(has_bounds(entry("introduced 0|1.0")));
}

TEST(LowestFixed, IsWhatNoEntryCoversAnyMore) {
    const auto fixed = [](const std::vector<std::string_view>& texts, std::string_view version) {
        std::vector<AffectedPackage> entries;
        for (const auto text : texts) entries.push_back(entry(text));
        std::vector<const AffectedPackage*> pointers;
        for (const auto& one : entries) pointers.push_back(&one);
        return lowest_fixed(pointers, version, pep440_order());
    };
    EXPECT_EQ(fixed({"introduced 0, fixed 2.31.0", "introduced 0, fixed 2.32.0"}, "2.0"), "2.32.0");
    EXPECT_EQ(fixed({"introduced 0, fixed 5", "introduced 0"}, "2.0"), "");
    EXPECT_EQ(fixed({"introduced 0, fixed 5", "introduced 0, last 7"}, "2.0"), "");
    EXPECT_EQ(fixed({"introduced 0, fixed 5", "introduced 0, last 4"}, "2.0"), "5");
    // The second branch brings it back; its fix is the one that holds for both.
    EXPECT_EQ(
        fixed({"introduced 0, fixed 2.5, introduced 3.0, fixed 3.2", "introduced 2.0, fixed 2.7"},
              "2.1"),
        "2.7");
    EXPECT_EQ(
        fixed({"introduced 0, fixed 3|5", "introduced 0, fixed 5, introduced 6, fixed 7"}, "1"),
        "7");
}

TEST(MatchVersion, OrdersPythonPreReleasesAndLocalParts) {
    EXPECT_EQ(judge("introduced 0, fixed 22.10.0rc1", "22.10.0"), "no");
    EXPECT_EQ(judge("introduced 0, fixed 22.10.0", "22.10.0rc1"), "< 22.10.0 -> 22.10.0");
    EXPECT_EQ(judge("introduced 0, last 2.0.1", "2.0.1+cu118"), "<= 2.0.1");
    EXPECT_EQ(judge("introduced 0, fixed 2.0.1", "2.0.1+cu118"), "no");
    EXPECT_EQ(judge("introduced 0, last 2.0.1+cu117", "2.0.1+cu118"), "no");
}

TEST(MatchVersion, ReadsDebiansZeroAsNeverAffected) {
    EXPECT_EQ(judge("introduced 0, fixed 0", "0~git1", dpkg_order()), "no");
    EXPECT_EQ(judge("introduced 0, fixed 0:0", "1.0", dpkg_order()), "no");
    EXPECT_EQ(judge("introduced 0, fixed 1.1.1n-0+deb11u1", "1.1.1k-1", dpkg_order()),
              "< 1.1.1n-0+deb11u1 -> 1.1.1n-0+deb11u1");
    EXPECT_EQ(judge("introduced 0, fixed 1.0-1", "1.0-1~deb12u1", dpkg_order()),
              "< 1.0-1 -> 1.0-1");
}

}  // namespace
}  // namespace vmsecurity::families::vulnerabilities
