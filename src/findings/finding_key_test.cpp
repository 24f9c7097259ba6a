#include "findings/finding_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "findings/observed_finding.h"
#include "findings/severity_rank.h"

namespace vmsecurity::findings {
namespace {

boost::json::object object(std::string_view text) {
    return codec::parse_json(text)->as_object();
}

std::string key(FindingType type, std::string_view info, std::string_view location = {}) {
    auto made = finding_key(type, object(info), location);
    return made ? *made : "error: " + made.error().message;
}

TEST(FindingKey, NamesTheThing) {
    struct Row {
        FindingType type;
        std::string_view info;
        std::string_view key;
    };
    const Row rows[] = {
        {FindingType::kPackage, R"({"name":"a","version":"1","type":"deb","purl":"pkg:deb/a@1"})",
         "Package||purl|pkg:deb/a@1"},
        {FindingType::kPackage, R"({"name":"a","version":"1","type":"deb","licenses":["MIT"]})",
         "Package||name|a|1|deb"},
        {FindingType::kVulnerability,
         R"({"vulnerabilityName":"CVE-1","package":{"name":"a","version":"1","purl":"pkg:deb/a@1"}})",
         "Vulnerability||CVE-1|purl|pkg:deb/a@1"},
        {FindingType::kVulnerability,
         R"({"vulnerabilityName":"CVE-1","package":{"name":"a","version":"1"}})",
         "Vulnerability||CVE-1|name|a|1|"},
        {FindingType::kMalware,
         R"({"malwareName":"m","malwareType":"t","ruleName":"r","path":"/p"})",
         "Malware||m|t|r|/p"},
        {FindingType::kSecret,
         R"({"fingerprint":"f","startColumn":3,"endColumn":9,"filePath":"/p",)"
         R"("startLine":1,"description":"d"})",
         "Secret||f|3|9|/p"},
        {FindingType::kSecret, R"({"filePath":"/p","startLine":1,"endLine":2,"description":"d"})",
         "Secret|||||/p|1|2|d"},
        {FindingType::kMisconfiguration,
         R"({"scannerName":"lynis","testID":"SSH-1","message":"m","scannedPath":"/mnt/x"})",
         "Misconfiguration||lynis|SSH-1|m"},
        {FindingType::kRootkit, R"({"rootkitName":"r","rootkitType":"KERNEL","message":"m"})",
         "Rootkit||r|KERNEL|m"},
        {FindingType::kExploit, R"({"sourceDB":"s","cveID":"CVE-1","urls":["b","a"],"title":"t"})",
         "Exploit||s|CVE-1|a|b"},
        {FindingType::kInfoFinder, R"({"scannerName":"s","type":"UNKNOWN","data":"d","path":"/p"})",
         "InfoFinder||s|UNKNOWN|d|/p"},
    };
    for (const Row& row : rows) EXPECT_EQ(key(row.type, row.info), row.key);
}

TEST(FindingKey, PartsCannotRunIntoEachOther) {
    const auto package = [](std::string_view name, std::string_view version) {
        boost::json::object info;
        info["name"] = name;
        info["version"] = version;
        return *finding_key(FindingType::kPackage, info);
    };
    EXPECT_NE(package("a|1", "2"), package("a", "1|2"));
    EXPECT_NE(package("a\\", "|1"), package("a\\|", "1"));
    EXPECT_NE(package("a.1", "2"), package("a", "1.2"));
    // A purl is no name, though they may read the same.
    EXPECT_NE(key(FindingType::kPackage, R"({"purl":"a|1|"})"),
              key(FindingType::kPackage, R"({"name":"a","version":"1"})"));
    EXPECT_NE(key(FindingType::kExploit, R"({"cveID":"1","urls":["a","b"]})"),
              key(FindingType::kExploit, R"({"cveID":"1","urls":["a|b"]})"));
}

TEST(FindingKey, TellsLocationsApart) {
    const std::string_view info = R"({"purl":"pkg:deb/a@1"})";
    EXPECT_NE(key(FindingType::kPackage, info, "partition 1"),
              key(FindingType::kPackage, info, "partition 2"));
    EXPECT_EQ(
        impact_key(FindingType::kPackage, object(R"({"name":"a","version":"1","purl":"x"})")),
        impact_key(FindingType::kPackage, object(R"({"name":"a","version":"1","purl":"y"})")));
}

TEST(FindingKey, RefusesWhatNamesNothing) {
    for (const FindingType type : kFindingTypes) {
        EXPECT_FALSE(finding_key(type, {})) << to_string(type);
        EXPECT_FALSE(finding_key(type, {}, "partition 1")) << to_string(type);
    }
    EXPECT_FALSE(finding_key(FindingType::kPackage, object(R"({"version":"1"})")));
    EXPECT_FALSE(finding_key(FindingType::kVulnerability, object(R"({"package":{"purl":"p"}})")));
}

TEST(FindingKey, TypesHaveTheNamesOfTheApi) {
    for (const FindingType type : kFindingTypes) {
        EXPECT_EQ(*parse_finding_type(to_string(type)), type);
    }
    EXPECT_FALSE(parse_finding_type("package"));
}

TEST(FindingKey, DigestsAreSha256) {
    // FIPS 180-2, appendix B.1: SHA-256 of "abc".
    EXPECT_EQ(key_digest("abc"), "ba7816bf8f01cfea414140de5dae2223");
    EXPECT_EQ(short_digest("abc"), 0xba7816bf8f01cfeaULL >> 1);
}

TEST(SeverityRank, OrdersByGravityAcrossTypes) {
    const std::string_view rising[] = {"",        "NEGLIGIBLE",
                                       "LOW",     "MisconfigurationLowSeverity",
                                       "MEDIUM",  "MisconfigurationMediumSeverity",
                                       "HIGH",    "MisconfigurationHighSeverity",
                                       "CRITICAL"};
    // The numbers are in the schema of the database (store/findings).
    std::int64_t rank = kNoSeverity;
    for (const std::string_view word : rising) {
        EXPECT_EQ(severity_rank(word), rank) << word;
        EXPECT_EQ(severity_word(rank), word);
        ++rank;
    }
    EXPECT_EQ(severity_word(rank), "");
    EXPECT_EQ(severity_rank("high"), kNoSeverity);
    EXPECT_EQ(severity_rank(object(R"({"severity":"LOW"})")), 1);
    EXPECT_EQ(severity_rank(boost::json::object()), kNoSeverity);
}

TEST(ObservedFinding, IsWrittenInCanonicalOrder) {
    auto finding = observe_result(FindingType::kPackage,
                                  object(R"({"name":"a","purl":"p","type":"deb","version":"1"})"));
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->info_text(),
              R"({"name":"a","objectType":"Package","purl":"p","type":"deb","version":"1"})");
    EXPECT_EQ(finding->key, key_digest("Package||purl|p"));
}

TEST(ObservedFinding, TakesAnItemApart) {
    auto finding = observe_item(
        FindingType::kPackage,
        object(R"({"evidence":{"file":"/f"},"findingInfo":{"name":"a","objectType":"Package"},)"
               R"("location":"partition 1","scanner":"s"})"));
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->scanner, "s");
    EXPECT_EQ(finding->location, "partition 1");
    EXPECT_EQ(boost::json::serialize(finding->evidence), R"({"file":"/f"})");
    auto other = *finding;
    EXPECT_EQ(other.content("{}"), finding->content("{}"));
    other.evidence["file"] = "/g";
    EXPECT_NE(other.content("{}"), finding->content("{}"));

    EXPECT_FALSE(observe_item(FindingType::kSecret,
                              object(R"({"findingInfo":{"name":"a","objectType":"Package"}})")));
    EXPECT_FALSE(observe_item(FindingType::kSecret, {}));
}

}  // namespace
}  // namespace vmsecurity::findings
