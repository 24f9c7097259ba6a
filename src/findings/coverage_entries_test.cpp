#include "findings/coverage_entries.h"

#include <gtest/gtest.h>

namespace vmsecurity::findings {
namespace {

boost::json::array entries(std::string_view text) {
    return codec::parse_json(text).value().as_array();
}

TEST(CoverageEntries, SpeakOfTheirFamilyOrOfEach) {
    const auto coverage = entries(R"([
        {"state":"scanned"},
        {"family":"sbom","scanner":"dpkg","location":"partition 2","state":"failed","reason":"r"},
        {"family":"secrets","state":"scanned"},
        {"family":"sbom","scope":"file","location":"/a","state":"skipped"}])");
    const std::vector<CoveredLocation> expected = {
        {"", "", true}, {"dpkg", "partition 2", false}, {"", "/a", false}};
    EXPECT_EQ(covered_locations("sbom", coverage), expected);
    EXPECT_EQ(covered_locations("malware", coverage),
              (std::vector<CoveredLocation>{{"", "", true}}));
}

TEST(CoverageEntries, MergeToTheSameInAnyOrder) {
    const auto sbom = entries(R"([{"state":"scanned"},{"state":"failed","location":"/a"}])");
    const auto secrets = entries(R"([{"state":"scanned"},{"family":"malware","state":"failed"}])");
    const auto one = merge_coverage(merge_coverage({}, "sbom", sbom), "secrets", secrets);
    const auto other = merge_coverage(merge_coverage({}, "secrets", secrets), "sbom", sbom);
    EXPECT_EQ(one, other);
    EXPECT_EQ(one, entries(R"([{"state":"scanned","family":"sbom"},
                               {"state":"failed","location":"/a","family":"sbom"},
                               {"state":"scanned","family":"secrets"}])"));
    // Again: nothing is added.
    EXPECT_EQ(merge_coverage(one, "sbom", sbom), one);
    EXPECT_EQ(merge_coverage(one, "sbom", {}),
              entries(R"([{"state":"scanned","family":"secrets"}])"));
}

TEST(CoverageEntries, AreCompleteUnlessSomethingWasMissed) {
    EXPECT_TRUE(is_complete({}));
    EXPECT_TRUE(is_complete(entries(R"([{"state":"scanned"},{"state":"skipped"}])")));
    for (const char* state : {"truncated", "unsupported", "failed"}) {
        EXPECT_FALSE(is_complete({{{"state", "scanned"}}, {{"state", state}}})) << state;
    }
}

}  // namespace
}  // namespace vmsecurity::findings
