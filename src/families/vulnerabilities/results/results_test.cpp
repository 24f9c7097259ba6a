#include "families/vulnerabilities/results/results.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "advisories/feeds/build.h"
#include "codec/json.h"
#include "findings/coverage_entries.h"
#include "model/api/tables.h"
#include "model/schema/validate.h"

namespace vmsecurity::families::vulnerabilities::results {
namespace {

using sbom::results::LocatedCoverage;
using sbom::results::Root;

constexpr std::string_view kFeed =
    R"({"id":"TEST-1","aliases":["CVE-2024-0001"],"modified":"2024-01-01T00:00:00Z","summary":"one",)"
    R"("references":[{"type":"WEB","url":"https://example.org/1"}],)"
    R"("severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],)"
    R"("affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":)"
    R"("ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.12-1"}]}]}]})"
    "\n"
    R"({"id":"PYSEC-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":)"
    R"("PyPI","name":"requests"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},)"
    R"({"fixed":"2.31.0"}]}]}]})"
    "\n";

model::Package deb(std::string name, std::string version) {
    model::Package package;
    package.type = "deb";
    package.name = std::move(name);
    package.version = std::move(version);
    package.architecture = "amd64";
    package.maintainer = "Somebody <somebody@debian.org>";
    package.location = "/var/lib/dpkg/status";
    return package;
}

model::Package python(std::string name, std::string version, std::string location) {
    model::Package package;
    package.type = "pypi";
    package.name = std::move(name);
    package.version = std::move(version);
    package.location = std::move(location);
    package.licenses = {"Apache-2.0"};
    return package;
}

Root debian_root(std::string location) {
    Root root;
    root.location = std::move(location);
    root.sbom.os.id = "debian";
    root.sbom.os.version_id = "12";
    root.sbom.os.codename = "bookworm";
    auto library = deb("libssl3", "3.0.11-1");
    library.source_name = "openssl";
    library.source_version = "3.0.11-1";
    auto foreign = library;
    foreign.architecture = "i386";
    auto owned = python("requests", "2.28.1", "/usr/lib/python3/dist-packages/r/METADATA");
    owned.owner = {"python3-requests", "2.28.1+dfsg-1"};
    auto unsure = python("requests", "2.28.1", "/srv/c/usr/lib/python3/dist-packages/r/METADATA");
    unsure.unread_database = "/srv/c/var/lib/dpkg/status";
    root.sbom.packages = {library,
                          foreign,
                          deb("python3-requests", "2.28.1+dfsg-1"),
                          python("requests", "2.28.1", "/opt/app/METADATA"),
                          unsure,
                          owned,
                          python("requests", "odd version", "/opt/odd/METADATA")};
    return root;
}

std::string written(const sbom::results::Head& head, std::span<const MatchedRoot> roots) {
    std::string text;
    const auto done = write(roots, head, [&](std::string_view piece) {
        text += piece;
        return base::Result<void>();
    });
    EXPECT_TRUE(done.has_value()) << done.error().describe();
    return text;
}

std::string written(const sbom::results::Head& head, std::span<const Root> roots) {
    std::string text;
    const auto done = sbom::results::write(roots, head, [&](std::string_view piece) {
        text += piece;
        return base::Result<void>();
    });
    EXPECT_TRUE(done.has_value());
    return text;
}

boost::json::object valid_results(const std::string& text) {
    auto json = codec::parse_json(text);
    EXPECT_TRUE(json.has_value()) << text;
    if (!json) return {};
    for (const auto& fault : model::schema::validate(model::api::kFamilyResultsSchema, *json,
                                                     model::schema::Mode::kWhole)) {
        ADD_FAILURE() << fault.pointer << ": " << fault.reason;
    }
    return json->as_object();
}

class ResultsTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = "/tmp/vmsecurity-results-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        std::ofstream(directory_ / "feed.jsonl") << kFeed;
        const auto info =
            advisories::build_database({.feeds = {{directory_ / "feed.jsonl", "test", false}},
                                        .output = directory_ / "advisories",
                                        .created = "2024-01-01T00:00:00Z",
                                        .progress = {}});
        ASSERT_TRUE(info.has_value()) << info.error().describe();
        auto database = advisories::Database::open(directory_ / "advisories");
        ASSERT_TRUE(database.has_value());
        database_.emplace(std::move(*database));
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    Matches matched(const Root& root) const {
        auto matches = match(root.sbom, *database_);
        EXPECT_TRUE(matches.has_value());
        return std::move(*matches);
    }

    std::filesystem::path directory_;
    std::optional<advisories::Database> database_;
};

TEST_F(ResultsTest, StoredPackagesMatchAsTheScannedOnes) {
    const std::vector<Root> roots = {debian_root("partition 1"), debian_root("partition 2")};
    sbom::results::Head head;
    head.observed_on = "2024-02-01T00:00:00Z";
    head.coverage = {
        {model::CoverageScope::kPartition, "partition 1", model::CoverageState::kScanned, {}, 1}};
    const std::string text = written(head, roots);
    (void)valid_results(text);

    sbom::results::Reader reader;
    for (std::size_t i = 0; i < text.size(); i += 7) {
        ASSERT_TRUE(reader.write(std::string_view(text).substr(i, 7)).has_value());
    }
    const auto stored = reader.finish();
    ASSERT_TRUE(stored.has_value()) << stored.error().describe();
    EXPECT_EQ(stored->observed_on, head.observed_on);
    EXPECT_EQ(stored->coverage, head.coverage);
    EXPECT_EQ(stored->not_ours, 0U);
    ASSERT_EQ(stored->roots.size(), roots.size());
    for (std::size_t i = 0; i < roots.size(); ++i) {
        EXPECT_EQ(stored->roots[i].location, roots[i].location);
        const Matches before = matched(roots[i]);
        const Matches after = matched(stored->roots[i]);
        ASSERT_EQ(before.vulnerabilities.size(), 3U);
        ASSERT_EQ(before.suppressed.size(), 2U);
        EXPECT_EQ(after.vulnerabilities, before.vulnerabilities);
        EXPECT_EQ(after.suppressed, before.suppressed);
        EXPECT_EQ(after.coverage, before.coverage);
        const std::vector<MatchedRoot> one = {{&roots[i], &before}};
        const std::vector<MatchedRoot> other = {{&stored->roots[i], &after}};
        EXPECT_EQ(written(head, std::span(one)), written(head, std::span(other)));
    }
}

TEST_F(ResultsTest, WhatSomebodyElseSentIsCounted) {
    sbom::results::Reader reader;
    ASSERT_TRUE(reader
                    .write(R"({"items":[{"findingInfo":{"objectType":"Package","name":"x"},)"
                           R"("scanner":"other"},{}],"observedOn":"2024-02-01T00:00:00Z"})")
                    .has_value());
    const auto stored = reader.finish();
    ASSERT_TRUE(stored.has_value());
    EXPECT_EQ(stored->not_ours, 2U);
    EXPECT_TRUE(stored->roots.empty());
}

TEST_F(ResultsTest, VulnerabilitiesAreWhatTheServerTakes) {
    const Root root = debian_root("partition 1");
    const Matches matches = matched(root);
    const std::vector<MatchedRoot> roots = {{&root, &matches}};
    sbom::results::Head head;
    head.observed_on = "2024-02-01T00:00:00Z";
    head.errors = {"something"};
    head.statistics = {{"rootfs", "/dev/x", 5'000'000, "2024-02-01T00:00:00Z", ""}};
    const auto json = valid_results(written(head, std::span(roots)));
    const auto& items = json.at("items").as_array();
    ASSERT_EQ(items.size(), 3U);  // what the distribution overrules is no finding
    const auto& first = items[0].as_object();
    const auto& info = first.at("findingInfo").as_object();
    EXPECT_EQ(info.at("vulnerabilityName"), "CVE-2024-0001");
    EXPECT_EQ(info.at("severity"), "CRITICAL");
    EXPECT_EQ(info.at("fix").at("state"), "fixed");
    EXPECT_EQ(info.at("fix").at("versions").at(0), "3.0.12-1");
    EXPECT_EQ(info.at("cvss").at(0).at("metrics").at("baseScore"), 9.8);
    EXPECT_EQ(first.at("location"), "partition 1, /var/lib/dpkg/status");
    EXPECT_EQ(first.at("evidence").at("records").at(0).at("constraint"), "< 3.0.12-1");
    // The same package of two architectures is two findings.
    EXPECT_NE(info.at("package").at("purl"), items[1].at("findingInfo").at("package").at("purl"));
}

bool closes(const std::vector<LocatedCoverage>& coverage, std::string_view location) {
    codec::JsonWriter json;
    sbom::results::write_coverage(json, "vulnerabilities", coverage);
    const auto entries = codec::parse_json(json.text());
    return findings::looked_at(findings::covered_locations("vulnerabilities", entries->as_array()),
                               sbom::results::kScanner, location);
}

TEST_F(ResultsTest, OnlyWhatWasMatchedCloses) {
    const Root root = debian_root("partition 1");
    const std::vector<LocatedCoverage> packages = {
        {model::CoverageScope::kPartition, "partition 1", model::CoverageState::kScanned, {}, 1}};
    Matches matches = matched(root);
    const std::vector<MatchedRoot> roots = {{&root, &matches}};
    auto coverage = locate_coverage(roots, packages);
    EXPECT_TRUE(closes(coverage, "partition 1, /var/lib/dpkg/status"));
    EXPECT_TRUE(closes(coverage, "partition 1, /opt/app/METADATA"));
    EXPECT_FALSE(closes(coverage, "partition 1, /opt/odd/METADATA"));
    EXPECT_FALSE(closes(coverage, "partition 2, /var/lib/dpkg/status"));

    matches.coverage = {{model::CoverageScope::kAnalyzer, "vulnerabilities/Debian:12",
                         model::CoverageState::kUnsupported, "no advisories", 3},
                        {model::CoverageScope::kAnalyzer,
                         "vulnerabilities/PyPI",
                         model::CoverageState::kScanned,
                         {},
                         1}};
    coverage = locate_coverage(roots, packages);
    EXPECT_FALSE(closes(coverage, "partition 1, /var/lib/dpkg/status"));
    EXPECT_TRUE(closes(coverage, "partition 1, /opt/app/METADATA"));

    matches.coverage = {{model::CoverageScope::kAnalyzer, "vulnerabilities",
                         model::CoverageState::kTruncated, "too many", 3}};
    coverage = locate_coverage(roots, packages);
    EXPECT_FALSE(closes(coverage, "partition 1, /opt/app/METADATA"));
}

}  // namespace
}  // namespace vmsecurity::families::vulnerabilities::results
