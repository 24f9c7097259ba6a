#include "scan/coverage_ledger.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace vmsecurity::scan {
namespace {

using model::CoverageEntry;
using model::CoverageScope;
using model::CoverageState;

TEST(CoverageLedger, KeepsTheFirstNamesWhateverTheOrder) {
    CoverageLedger forwards;
    CoverageLedger backwards;
    for (int i = 0; i < 1000; ++i) {
        const auto entry = [](int n) {
            return CoverageEntry{CoverageScope::kFile, fmt::format("/f{:04}", n),
                                 CoverageState::kFailed, "bad inode", 1};
        };
        forwards.add(entry(i));
        backwards.add(entry(999 - i));
    }
    const auto entries = forwards.take();
    EXPECT_EQ(entries, backwards.take());
    ASSERT_EQ(entries.size(), CoverageLedger::kNamesKept + 1);
    EXPECT_EQ(entries.front().name, "/f0000");
    EXPECT_EQ(entries.back().name, "");
    EXPECT_EQ(entries.back().count, 1000 - CoverageLedger::kNamesKept);

    CoverageLedger second;
    second.add(entries);
    EXPECT_EQ(second.take(), entries);
}

TEST(CoverageLedger, AMillionReasonsStayBounded) {
    CoverageLedger ledger;
    for (int i = 0; i < 5000; ++i) {
        ledger.add({CoverageScope::kFile, "/x", CoverageState::kFailed, fmt::format("r{}", i), 1});
    }
    std::uint64_t total = 0;
    const auto entries = ledger.take();
    for (const auto& entry : entries) total += entry.count;
    EXPECT_EQ(total, 5000u);
    EXPECT_LE(entries.size(), CoverageLedger::kKindsKept + 1);
}

}  // namespace
}  // namespace vmsecurity::scan
