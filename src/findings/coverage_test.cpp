#include "findings/coverage.h"

#include <gtest/gtest.h>

namespace vmsecurity::findings {
namespace {

TEST(Coverage, DecidesByTheMostSpecialEntryOfEachScanner) {
    struct Row {
        std::string_view why;
        std::vector<CoveredLocation> coverage;
        std::string_view scanner;
        std::string_view location;
        bool looked_at;
    };
    const Row rows[] = {
        {"nothing said", {}, "", "", false},
        {"all finished", {{"", "", true}}, "", "", true},
        {"all finished, a part of it", {{"", "", true}}, "grype", "partition 1", true},
        {"all failed", {{"", "", false}}, "grype", "partition 1", false},
        {"another scanner alone", {{"trivy", "", true}}, "grype", "", false},
        {"one failed scanner of two, finding of the other",
         {{"trivy", "", false}, {"grype", "", true}},
         "grype",
         "",
         true},
        {"one failed scanner of two, its finding",
         {{"trivy", "", false}, {"grype", "", true}},
         "trivy",
         "",
         false},
        {"one failed scanner of two, nobody's finding",
         {{"trivy", "", false}, {"grype", "", true}},
         "",
         "",
         false},
        {"two finished scanners, nobody's finding",
         {{"trivy", "", true}, {"grype", "", true}},
         "",
         "",
         true},
        {"a truncated part", {{"", "", true}, {"", "/var", false}}, "", "/var/lib/x", false},
        {"beside the truncated part", {{"", "", true}, {"", "/var", false}}, "", "/variant", true},
        {"the one part that finished",
         {{"", "", false}, {"", "/var", true}},
         "",
         "/var/lib/x",
         true},
        {"the whole, with a truncated part", {{"", "", true}, {"", "/var", false}}, "", "", false},
        {"said twice, once that it failed",
         {{"", "/var", true}, {"", "/var", false}},
         "",
         "/var",
         false},
        {"the scanner's own failure beside the family's success",
         {{"", "", true}, {"grype", "", false}},
         "grype",
         "/x",
         false},
        {"of another place", {{"", "partition 1", true}}, "", "partition 12, /etc", false},
        {"in a partition", {{"", "partition 1", true}}, "", "partition 1, /etc", true},
        {"a root", {{"", "/", true}}, "", "/etc", true},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(looked_at(row.coverage, row.scanner, row.location), row.looked_at) << row.why;
    }
}

}  // namespace
}  // namespace vmsecurity::findings
