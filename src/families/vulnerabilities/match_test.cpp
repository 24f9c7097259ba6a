#include "families/vulnerabilities/match.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "advisories/feeds/build.h"
#include "codec/json.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using codec::text_member;

std::string read_all(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

value read_json(const std::filesystem::path& path) {
    auto parsed = codec::parse_json(read_all(path));
    EXPECT_TRUE(parsed.has_value()) << path << ": " << parsed.error().describe();
    return parsed.value_or(value());
}

// {"os": {"id", "version_id"}, "packages": [{"type", "name", "version", "source": ["name",
// "version"], "location", "maintainer", "owner": ["name", "version"]}]}
sbom::Sbom read_sbom(const std::filesystem::path& path) {
    const value json = read_json(path);
    sbom::Sbom sbom;
    const object& os = json.at("os").as_object();
    sbom.os.id = text_member(os, "id");
    sbom.os.version_id = text_member(os, "version_id");
    sbom.os.pretty_name = text_member(os, "pretty_name");
    for (const value& element : json.at("packages").as_array()) {
        const object& in = element.as_object();
        model::Package package;
        package.type = text_member(in, "type");
        package.name = text_member(in, "name");
        package.version = text_member(in, "version");
        package.location = text_member(in, "location");
        package.maintainer = text_member(in, "maintainer");
        if (const array* source = codec::array_member(in, "source")) {
            package.source_name = source->at(0).as_string();
            package.source_version = source->at(1).as_string();
        }
        if (const array* owner = codec::array_member(in, "owner")) {
            package.owner = model::Package::Owner{std::string(owner->at(0).as_string()),
                                                  std::string(owner->at(1).as_string())};
        }
        sbom.packages.push_back(std::move(package));
    }
    return sbom;
}

array to_json(const std::vector<std::string>& texts) {
    array out(texts.begin(), texts.end());
    return out;
}

object to_json(const model::Vulnerability& one) {
    object out;
    out["id"] = one.id;
    out["package"] = one.package_name + " " + one.package_version;
    out["severity"] = std::string(model::to_string(one.severity));
    out["fix"] = std::string(model::to_string(one.fix_state));
    if (!one.aliases.empty()) out["aliases"] = to_json(one.aliases);
    if (!one.severity_source.empty()) out["severity_source"] = one.severity_source;
    if (one.cvss_score) out["cvss"] = std::round(*one.cvss_score * 10) / 10;
    if (!one.fixed_versions.empty()) out["fixed_versions"] = to_json(one.fixed_versions);
    if (!one.suppressed_by.empty()) out["suppressed_by"] = one.suppressed_by;
    if (!one.remark.empty()) out["remark"] = one.remark;
    array evidence;
    for (const model::VulnerabilityEvidence& record : one.evidence) {
        evidence.emplace_back(record.record_id + " of " + record.source + ": " + record.ecosystem +
                              " " + record.package + " " + record.compared_version + " " +
                              record.constraint + " by " + record.order);
    }
    out["evidence"] = std::move(evidence);
    return out;
}

array to_json(const std::vector<model::Vulnerability>& vulnerabilities) {
    array out;
    for (const model::Vulnerability& one : vulnerabilities) out.push_back(to_json(one));
    return out;
}

object to_json(const Matches& matches) {
    array coverage;
    for (const model::CoverageEntry& entry : matches.coverage) {
        object one;
        one["name"] = entry.name;
        one["state"] = std::string(model::to_string(entry.state));
        one["count"] = entry.count;
        if (!entry.reason.empty()) one["reason"] = entry.reason;
        coverage.push_back(std::move(one));
    }
    object out;
    out["vulnerabilities"] = to_json(matches.vulnerabilities);
    out["suppressed"] = to_json(matches.suppressed);
    out["coverage"] = std::move(coverage);
    return out;
}

class MatchTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = "/tmp/vmsecurity-match-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    advisories::Database build(const std::filesystem::path& feed) const {
        const auto info = advisories::build_database({.feeds = {{feed, "test", false}},
                                                      .output = directory_ / "advisories",
                                                      .created = "2024-01-01T00:00:00Z",
                                                      .progress = {}});
        EXPECT_TRUE(info.has_value()) << feed << ": " << info.error().describe();
        auto database = advisories::Database::open(directory_ / "advisories");
        EXPECT_TRUE(database.has_value());
        return std::move(*database);
    }

    std::filesystem::path directory_;
};

// Each folder of testdata: sbom.json and advisories.json (OSV records) in, expected.json out.
// VMSECURITY_UPDATE_TESTDATA=1 writes expected.json anew, for a look at the difference.
TEST_F(MatchTest, GivesWhatEachCaseExpects) {
    std::size_t cases = 0;
    for (const auto& folder : std::filesystem::directory_iterator("testdata")) {
        SCOPED_TRACE(folder.path().string());
        const advisories::Database database = build(folder.path() / "advisories.json");
        const auto matches = match(read_sbom(folder.path() / "sbom.json"), database);
        ASSERT_TRUE(matches.has_value()) << matches.error().describe();
        const value actual = to_json(*matches);
        if (std::getenv("VMSECURITY_UPDATE_TESTDATA") != nullptr) {
            std::ofstream(folder.path() / "expected.json") << boost::json::serialize(actual);
        }
        EXPECT_EQ(boost::json::serialize(actual),
                  boost::json::serialize(read_json(folder.path() / "expected.json")));
        ++cases;
    }
    EXPECT_GE(cases, 8U);
}

TEST_F(MatchTest, JudgesPythonVersionsAsCaseC059Does) {
    const std::filesystem::path folder = VMSECURITY_SOURCE_DIR "/tests/cases/C059";
    for (const char* name : {"advA.json", "advB.json"}) {
        std::filesystem::create_directory(directory_ / "feed");
        std::filesystem::copy(folder / name, directory_ / "feed" / name);
    }
    const advisories::Database database = build(directory_ / "feed");
    sbom::Sbom sbom;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.is_directory()) continue;
        model::Package package;
        package.type = "pypi";
        std::istringstream metadata(read_all(entry.path() / "METADATA"));
        // The headers end at the first empty line; what looks like one below is description.
        for (std::string line; std::getline(metadata, line) && !line.empty();) {
            if (line.starts_with("Name: ")) package.name = line.substr(6);
            if (line.starts_with("Version: ")) package.version = line.substr(9);
        }
        sbom.packages.push_back(package);
    }
    ASSERT_EQ(sbom.packages.size(), 2U);
    const auto matches = match(sbom, database);
    ASSERT_TRUE(matches.has_value());
    ASSERT_EQ(matches->vulnerabilities.size(), 1U);
    EXPECT_EQ(matches->vulnerabilities[0].id, "TEST-0059B");
    EXPECT_EQ(matches->vulnerabilities[0].package_version, "2.0.1+cu118");
    EXPECT_EQ(matches->vulnerabilities[0].evidence[0].constraint, "<= 2.0.1");
}

TEST_F(MatchTest, DoesNotDependOnTheOrderOfPackages) {
    const advisories::Database database = build("testdata/debian/advisories.json");
    sbom::Sbom sbom = read_sbom("testdata/debian/sbom.json");
    const auto forwards = match(sbom, database);
    std::ranges::reverse(sbom.packages);
    const auto backwards = match(sbom, database);
    ASSERT_TRUE(forwards.has_value() && backwards.has_value());
    EXPECT_EQ(forwards->vulnerabilities, backwards->vulnerabilities);
}

// A thousand packages that all claim the source with the most advisories.
TEST_F(MatchTest, StopsCountingWhereNoMachineCanBe) {
    {
        std::ofstream feed(directory_ / "feed.jsonl");
        for (int i = 0; i < 300; ++i) {
            feed << R"({"id":"TEST-)" << i
                 << R"(","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":)"
                    R"("Debian:12","name":"kernel"},"ranges":[{"type":"ECOSYSTEM","events":)"
                    R"([{"introduced":"0"}]}]}]})"
                 << '\n';
        }
    }
    const advisories::Database database = build(directory_ / "feed.jsonl");
    sbom::Sbom sbom;
    sbom.os.id = "debian";
    sbom.os.version_id = "12";
    for (int i = 0; i < 1000; ++i) {
        model::Package& package = sbom.packages.emplace_back();
        package.type = "deb";
        package.name = "p" + std::to_string(i);
        package.version = package.source_version = "1.0-1";
        package.source_name = "kernel";
    }
    const auto matches = match(sbom, database);
    ASSERT_TRUE(matches.has_value());
    EXPECT_EQ(matches->vulnerabilities.size(), 100'000U);
    EXPECT_FALSE(model::is_complete(matches->coverage));
    EXPECT_EQ(matches->coverage.back().count, 200'000U);
}

}  // namespace
}  // namespace vmsecurity::families::vulnerabilities
