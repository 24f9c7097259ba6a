// The reported cases of tests/cases; what is expected and why is in each one's EXPECT.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/path_hash.h"
#include "families/sbom/catalogers.h"
#include "families/sbom/records.h"
#include "families/sbom/testing/cataloger_case.h"

namespace vmsecurity::families::sbom {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::filesystem::path case_folder(std::string_view name) {
    return std::filesystem::path(VMSECURITY_SOURCE_DIR) / "tests/cases" / name;
}

testing::TreeSbom sbom_of_case(std::string_view name) {
    const auto catalogers = make_catalogers();
    std::vector<const scan::Analyzer*> analyzers;
    for (const auto& cataloger : catalogers) analyzers.push_back(cataloger.get());
    return testing::sbom_of_tree(analyzers, case_folder(name));
}

std::vector<std::string> names(const Sbom& sbom) {
    std::vector<std::string> result;
    for (const auto& package : sbom.packages) {
        result.push_back(package.name + "@" + package.version);
    }
    return result;
}

std::vector<std::string> sources(const Sbom& sbom) {
    std::vector<std::string> result;
    for (const auto& package : sbom.packages) {
        result.push_back(package.name + " <- " + package.source_name + " " +
                         package.source_version);
    }
    return result;
}

TEST(Cases, C001RemovedPackagesAreNotInstalled) {
    const auto result = sbom_of_case("C001");
    EXPECT_THAT(names(result.sbom),
                ElementsAre("doomed@4.0-1", "held@3.0-1", "keep@1.0-1", "unpacked@5.0-1"));
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_TRUE(is_complete(result.sbom.coverage));
}

TEST(Cases, C002SourceMayHaveItsOwnVersion) {
    const auto result = sbom_of_case("C002");
    EXPECT_THAT(sources(result.sbom),
                ElementsAre("libc-bin <- glibc 2.36-9+deb12u4", "onlyname <- upstream-thing 7.1-2",
                            "plain <- plain 1.0-1"));
    EXPECT_THAT(result.problems, IsEmpty());
}

TEST(Cases, C004Md5sumsInStatusDirectoryAreFileLists) {
    const auto result = sbom_of_case("C004");
    EXPECT_THAT(sources(result.sbom), ElementsAre("libssl3 <- openssl 3.0.15-1~deb12u1",
                                                  "tzdata <- tzdata 2024a-0+deb12u1"));
    EXPECT_THAT(names(result.sbom),
                ElementsAre("libssl3@3.0.15-1~deb12u1", "tzdata@2024a-0+deb12u1"));
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_TRUE(is_complete(result.sbom.coverage));

    const auto catalogers = make_catalogers();
    std::vector<OwnedPaths> owned;
    for (const auto& cataloger : catalogers) {
        const std::array<const scan::Analyzer*, 1> analyzers = {cataloger.get()};
        for (const auto& record :
             families::testing::analyze_tree(analyzers, case_folder("C004")).records) {
            if (record.kind == kOwnedPathsRecord) {
                owned.push_back(decode_owned_paths(record.payload).value());
            }
        }
    }
    EXPECT_THAT(owned, ElementsAre(OwnedPaths{
                           "tzdata", "", {base::path_hash("usr/share/doc/tzdata/README")}}));
}

TEST(Catalogers, HaveDistinctNames) {
    std::vector<std::string> ids;
    for (const auto& cataloger : make_catalogers()) ids.emplace_back(cataloger->id());
    EXPECT_THAT(ids,
                ElementsAre("sbom/dpkg", "sbom/foreign-roots", "sbom/os-release", "sbom/python"));
}

}  // namespace
}  // namespace vmsecurity::families::sbom
