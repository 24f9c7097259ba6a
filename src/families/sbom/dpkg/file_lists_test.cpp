#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/path_hash.h"
#include "families/sbom/dpkg/analyzer.h"
#include "families/sbom/records.h"
#include "families/testing/analyze_tree.h"

namespace vmsecurity::families::sbom::dpkg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<OwnedPaths> owned_paths(const families::testing::TreeAnalysis& analysis) {
    std::vector<OwnedPaths> owned;
    for (const scan::Record& record : analysis.records) {
        EXPECT_EQ(record.kind, kOwnedPathsRecord);
        owned.push_back(decode_owned_paths(record.payload).value());
    }
    return owned;
}

TEST(FileLists, NameTheirPackageAndArchitecture) {
    const auto analysis =
        families::testing::analyze_content(*make_analyzer(), "var/lib/dpkg/info/libc6:amd64.list",
                                           "/.\n/lib\n/lib/x y\nrelative\n/etc/caf\xe9\n/usr/");
    EXPECT_THAT(owned_paths(analysis),
                ElementsAre(OwnedPaths{"libc6",
                                       "amd64",
                                       {base::path_hash("lib"), base::path_hash("lib/x y"),
                                        base::path_hash("etc/caf\xe9"), base::path_hash("usr")}}));
    ASSERT_EQ(analysis.problems.size(), 1U);
    EXPECT_EQ(analysis.problems[0].reason,
              "line 4: expected an absolute path; the line is ignored");
}

TEST(FileLists, AreSentInPiecesThatFitARecord) {
    std::string text;
    for (std::size_t i = 0; i < OwnedPaths::kMaxHashes * 2 + 1; ++i) {
        text += "/f" + std::to_string(i) + "\n";
    }
    const auto analysis =
        families::testing::analyze_content(*make_analyzer(), "var/lib/dpkg/info/big.list", text);
    EXPECT_THAT(analysis.problems, IsEmpty());
    const auto owned = owned_paths(analysis);
    ASSERT_EQ(owned.size(), 3U);
    EXPECT_EQ(owned[0].hashes.size(), OwnedPaths::kMaxHashes);
    EXPECT_EQ(owned[2].hashes, (std::vector<std::uint64_t>{base::path_hash("f8192")}));
}

}  // namespace
}  // namespace vmsecurity::families::sbom::dpkg
