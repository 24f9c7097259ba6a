#include "families/sbom/results/coverage.h"

#include <gtest/gtest.h>

#include "families/sbom/results/location.h"
#include "findings/coverage_entries.h"

namespace vmsecurity::families::sbom::results {
namespace {

using model::CoverageEntry;
using model::CoverageScope;
using model::CoverageState;

const std::vector<CoverageEntry> kTwoPartitions = {
    {CoverageScope::kPartition, "partition 1", CoverageState::kScanned, {}, 1},
    {CoverageScope::kFileSystem, "partition 1 (ext4)", CoverageState::kScanned, {}, 1},
    {CoverageScope::kPartition, "partition 2", CoverageState::kScanned, {}, 1},
    {CoverageScope::kFileSystem, "partition 2 (ext4)", CoverageState::kScanned, {}, 1},
};

std::vector<Root> two_roots() {
    Root one;
    one.location = "partition 1";
    one.sbom.coverage = {
        {CoverageScope::kDatabase, "/var/lib/dpkg/status", CoverageState::kScanned, {}, 1}};
    Root other = one;
    other.location = "partition 2";
    return {one, other};
}

bool closes(const std::vector<LocatedCoverage>& coverage, std::string_view location) {
    codec::JsonWriter json;
    write_coverage(json, "sbom", coverage);
    const auto entries = codec::parse_json(json.text());
    EXPECT_EQ(read_coverage(entries->as_array()), coverage);
    return findings::looked_at(findings::covered_locations("sbom", entries->as_array()), kScanner,
                               location);
}

TEST(SbomCoverageTest, WhatWasScannedCloses) {
    const std::vector<Volume> volumes = {{"partition 1", true}, {"partition 2", true}};
    const auto coverage = locate_coverage({}, volumes, kTwoPartitions, two_roots());
    EXPECT_TRUE(closes(coverage, "partition 1, /var/lib/dpkg/status"));
    EXPECT_TRUE(closes(coverage, "partition 2, /opt/x"));
    EXPECT_TRUE(closes(coverage, "partition 3, /opt/x"));  // which is no longer there
}

TEST(SbomCoverageTest, AWalkThatEndedEarlyClosesNothingOfItsVolume) {
    auto entries = kTwoPartitions;
    entries[3].state = CoverageState::kTruncated;
    entries[3].name = "partition 2";
    const std::vector<Volume> volumes = {{"partition 1", true}, {"partition 2", false}};
    const auto coverage = locate_coverage({}, volumes, entries, two_roots());
    EXPECT_TRUE(closes(coverage, "partition 1, /var/lib/dpkg/status"));
    EXPECT_FALSE(closes(coverage, "partition 2, /var/lib/dpkg/status"));
    EXPECT_FALSE(closes(coverage, "partition 2, /opt/x"));
}

TEST(SbomCoverageTest, AFileThatFailedKeepsWhatItHolds) {
    auto entries = kTwoPartitions;
    entries.push_back({CoverageScope::kFile, "/opt", CoverageState::kFailed, "damaged", 1});
    const std::vector<Volume> volumes = {{"partition 1", true}, {"partition 2", true}};
    const auto coverage = locate_coverage({}, volumes, entries, two_roots());
    EXPECT_FALSE(closes(coverage, "partition 1, /opt/x"));
    EXPECT_FALSE(closes(coverage, "partition 2, /opt/x"));
    EXPECT_TRUE(closes(coverage, "partition 2, /var/lib/dpkg/status"));
}

TEST(SbomCoverageTest, FilesThatNobodyNamesKeepAllButDatabases) {
    auto entries = kTwoPartitions;
    entries.push_back({CoverageScope::kFile, "", CoverageState::kFailed, "damaged", 9});
    const std::vector<Volume> volumes = {{"partition 1", true}, {"partition 2", true}};
    const auto coverage = locate_coverage({}, volumes, entries, two_roots());
    EXPECT_FALSE(closes(coverage, "partition 1, /opt/x"));
    EXPECT_TRUE(closes(coverage, "partition 1, /var/lib/dpkg/status"));
}

TEST(SbomCoverageTest, RecordsThatWereLostKeepEverything) {
    auto entries = kTwoPartitions;
    entries.push_back({CoverageScope::kAnalyzer, "records", CoverageState::kTruncated, "many", 9});
    const std::vector<Volume> volumes = {{"partition 1", true}, {"partition 2", true}};
    const auto coverage = locate_coverage({}, volumes, entries, two_roots());
    EXPECT_FALSE(closes(coverage, "partition 1, /var/lib/dpkg/status"));
    EXPECT_FALSE(closes(coverage, "partition 3, /x"));
}

TEST(SbomCoverageTest, ADamagedPartitionTableKeepsWhatItMayHaveHeld) {
    auto entries = kTwoPartitions;
    entries.push_back(
        {CoverageScope::kDisk, "partition table", CoverageState::kFailed, "checksum", 1});
    const std::vector<Volume> volumes = {{"partition 1", true}, {"partition 2", true}};
    const auto coverage = locate_coverage({}, volumes, entries, two_roots());
    EXPECT_FALSE(closes(coverage, "partition 3, /opt/x"));
    EXPECT_TRUE(closes(coverage, "partition 1, /opt/x"));
}

TEST(SbomCoverageTest, OneDirectoryHasNoParts) {
    const std::vector<CoverageEntry> entries = {
        {CoverageScope::kFileSystem, "directory", CoverageState::kScanned, {}, 1}};
    const std::vector<Volume> volumes = {{"", true}};
    Root root;
    root.sbom.coverage = {
        {CoverageScope::kDatabase, "/var/lib/dpkg/status", CoverageState::kFailed, "missing", 0}};
    const std::vector<Root> roots = {root};
    const auto coverage = locate_coverage({}, volumes, entries, roots);
    EXPECT_TRUE(closes(coverage, "/opt/x"));
    EXPECT_FALSE(closes(coverage, "/var/lib/dpkg/status"));
}

TEST(SbomCoverageTest, LongLocationsStayApart) {
    const std::string path(5000, 'x');
    const std::string one = bounded_location("/" + path + "1");
    EXPECT_LE(one.size(), kMaxLocation);
    EXPECT_NE(one, bounded_location("/" + path + "2"));
    EXPECT_EQ(bounded_location("/short"), "/short");
}

}  // namespace
}  // namespace vmsecurity::families::sbom::results
