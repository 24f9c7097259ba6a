#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "base/path_hash.h"
#include "families/sbom/records.h"
#include "families/sbom/sbom.h"

namespace vmsecurity::families::sbom {
namespace {

using model::CoverageState;

scan::Record record(std::string path, std::string_view kind, std::string payload) {
    return {0, 0, std::move(path), std::string(kind), std::move(payload)};
}

model::Package package(std::string type, std::string name, std::string version,
                       std::string architecture, std::string location) {
    model::Package result;
    result.type = std::move(type);
    result.name = std::move(name);
    result.version = std::move(version);
    result.architecture = std::move(architecture);
    result.location = std::move(location);
    return result;
}

scan::Record deb(std::string name, std::string version, std::string architecture = "amd64") {
    return record("var/lib/dpkg/status", kPackageRecord,
                  encode(package("deb", std::move(name), std::move(version),
                                 std::move(architecture), "/var/lib/dpkg/status")));
}

scan::Record pypi(const std::string& path) {
    return record(path, kPackageRecord, encode(package("pypi", "x", "1", "", "/" + path)));
}

scan::Record list(std::string name, std::string architecture, std::string_view path) {
    return record(
        "var/lib/dpkg/info/x.list", kOwnedPathsRecord,
        encode(OwnedPaths{std::move(name), std::move(architecture), {base::path_hash(path)}}));
}

scan::Record os_release(const std::string& path, std::string id,
                        std::vector<std::string> like = {}) {
    model::OperatingSystem os;
    os.id = std::move(id);
    os.id_like = std::move(like);
    os.location = "/" + path;
    return record(path, kOperatingSystemRecord, encode(os));
}

scan::Record database(std::uint64_t packages) {
    return record("var/lib/dpkg/status", kDatabaseRecord,
                  encode(DatabaseSummary{"/var/lib/dpkg/status", packages}));
}

std::optional<model::Package::Owner> owner_of_python(const Sbom& sbom) {
    for (const model::Package& found : sbom.packages) {
        if (found.type == "pypi") return found.owner;
    }
    return std::nullopt;
}

constexpr std::string_view kMetadata = "usr/lib/python3/x.dist-info/METADATA";

TEST(Assemble, GivesTheSameWhateverTheOrderOfRecords) {
    std::vector<scan::Record> records = {os_release("usr/lib/os-release", "derived"),
                                         os_release("etc/os-release", "debian"),
                                         deb("b", "1"),
                                         deb("a", "2"),
                                         deb("a", "2", "i386"),
                                         deb("a", "2"),
                                         pypi(std::string(kMetadata)),
                                         list("b", "", kMetadata),
                                         list("a", "", kMetadata),
                                         database(4)};
    const Sbom forward = assemble(records, {});
    std::ranges::reverse(records);
    const Sbom backward = assemble(records, {});
    EXPECT_EQ(forward.packages, backward.packages);
    EXPECT_EQ(forward.os, backward.os);
    EXPECT_EQ(forward.coverage, backward.coverage);
    EXPECT_EQ(forward.os.location, "/etc/os-release");
    ASSERT_EQ(forward.packages.size(), 4U);
    EXPECT_EQ(forward.packages[0].architecture, "amd64");
    EXPECT_EQ(forward.packages[1].architecture, "i386");
}

TEST(Assemble, FindsTheOwnerByEitherNameOfAMergedDirectory) {
    const std::vector<RootLink> links = {{"lib", "usr/lib"}, {"bin", "/usr/bin/"}};
    for (const std::string owned :
         {"usr/lib/python3/x.dist-info/METADATA", "lib/python3/x.dist-info/METADATA"}) {
        for (const std::string path :
             {"usr/lib/python3/x.dist-info/METADATA", "lib/python3/x.dist-info/METADATA"}) {
            const std::vector<scan::Record> records = {pypi(path), deb("python3-x", "1-1"),
                                                       list("python3-x", "", owned)};
            const auto owner = owner_of_python(assemble(records, links));
            ASSERT_TRUE(owner.has_value()) << owned << " " << path;
            EXPECT_EQ(*owner, (model::Package::Owner{"python3-x", "1-1"}));
        }
    }
}

TEST(Assemble, DoesNotMixUpDirectoriesThatAreNotLinks) {
    const std::vector<scan::Record> records = {
        pypi("usr/lib/python3/x.dist-info/METADATA"), deb("python3-x", "1-1"),
        list("python3-x", "", "lib/python3/x.dist-info/METADATA")};
    EXPECT_FALSE(owner_of_python(assemble(records, {})).has_value());
}

TEST(Assemble, TakesNoOwnerThatIsNotInstalled) {
    const std::vector<scan::Record> records = {pypi(std::string(kMetadata)),
                                               list("gone", "", kMetadata), deb("other", "1")};
    EXPECT_FALSE(owner_of_python(assemble(records, {})).has_value());
}

TEST(Assemble, TellsArchitecturesOfAnOwnerApart) {
    const std::vector<scan::Record> records = {pypi(std::string(kMetadata)), deb("x", "1", "amd64"),
                                               deb("x", "2", "i386"), list("x", "i386", kMetadata)};
    EXPECT_EQ(owner_of_python(assemble(records, {}))->version, "2");
}

TEST(Assemble, ReportsRecordsThatItCannotDecode) {
    const std::vector<scan::Record> records = {record("a\xff", kPackageRecord, "garbage"),
                                               record("b", kOwnedPathsRecord, ""), database(1)};
    const Sbom sbom = assemble(records, {});
    ASSERT_EQ(sbom.coverage.size(), 2U);
    EXPECT_EQ(sbom.coverage[1].state, CoverageState::kFailed);
    EXPECT_EQ(sbom.coverage[1].count, 2U);
    EXPECT_TRUE(sbom.coverage[1].reason.starts_with("/a\\xff: ")) << sbom.coverage[1].reason;
}

TEST(Assemble, TakesOnlyAPackageDatabaseForOne) {
    const std::vector<scan::Record> records = {
        database(1), record("srv/x/var/lib/dpkg/status", kDatabaseFileRecord, ""),
        record("srv/x/status", kDatabaseFileRecord, "")};
    const Sbom sbom = assemble(records, {});
    ASSERT_EQ(sbom.coverage.size(), 3U);
    EXPECT_EQ(sbom.coverage[1].name, "/srv/x/var/lib/dpkg/status");
    EXPECT_EQ(sbom.coverage[1].state, CoverageState::kUnsupported);
    EXPECT_EQ(sbom.coverage[2].state, CoverageState::kFailed);
    EXPECT_TRUE(sbom.coverage[2].reason.starts_with("/srv/x/status: "));
}

// What a root without packages says, and that it never says nothing.
struct SilentZero {
    std::string name;
    std::vector<scan::Record> records;
    CoverageState state;
    std::string reason_part;
};

class SilentZeroTest : public ::testing::TestWithParam<SilentZero> {};

TEST_P(SilentZeroTest, HasAReason) {
    const Sbom sbom = assemble(GetParam().records, {});
    ASSERT_FALSE(sbom.coverage.empty());
    EXPECT_EQ(sbom.coverage.back().state, GetParam().state);
    EXPECT_NE(sbom.coverage.back().reason.find(GetParam().reason_part), std::string::npos)
        << sbom.coverage.back().reason;
}

INSTANTIATE_TEST_SUITE_P(
    , SilentZeroTest,
    ::testing::Values(SilentZero{"nothing", {}, CoverageState::kSkipped, "neither os-release"},
                      SilentZero{"debian_without_database",
                                 {os_release("etc/os-release", "debian")},
                                 CoverageState::kFailed,
                                 "is /var on another partition?"},
                      SilentZero{"derivative_without_database",
                                 {os_release("etc/os-release", "linuxmint", {"ubuntu", "debian"})},
                                 CoverageState::kFailed,
                                 "is /var on another partition?"},
                      SilentZero{"debian_with_empty_database",
                                 {os_release("etc/os-release", "debian"), database(0)},
                                 CoverageState::kFailed,
                                 "lists no installed package"},
                      SilentZero{"alpine",
                                 {os_release("etc/os-release", "alpine")},
                                 CoverageState::kUnsupported,
                                 "alpine (apk)"},
                      SilentZero{
                          "rocky",
                          {os_release("etc/os-release", "rocky", {"rhel", "centos", "fedora"})},
                          CoverageState::kUnsupported,
                          "rocky (rpm)"},
                      SilentZero{"fedora_with_dpkg_for_building",
                                 {os_release("etc/os-release", "fedora"), database(0)},
                                 CoverageState::kUnsupported,
                                 "fedora (rpm)"},
                      SilentZero{"unknown_system",
                                 {os_release("etc/os-release", "homemade")},
                                 CoverageState::kUnsupported,
                                 "homemade"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace vmsecurity::families::sbom
