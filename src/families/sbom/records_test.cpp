#include "families/sbom/records.h"

#include <gtest/gtest.h>

namespace vmsecurity::families::sbom {
namespace {

model::Package sample_package() {
    model::Package package;
    package.type = "pypi";
    package.name = "requests";
    package.version = "2.28.1";
    package.architecture = "all";
    package.source_name = "src";
    package.source_version = "1";
    package.description = "HTTP für Menschen";
    package.maintainer = "K";
    package.licenses = {"Apache-2.0", "MIT"};
    package.location = "/usr/lib/x";
    package.owner = model::Package::Owner{"python3-requests", "2.28.1+dfsg-1"};
    return package;
}

model::OperatingSystem sample_os() {
    return {"ubuntu", {"debian"}, "22.04", "jammy", "Ubuntu", "Ubuntu 22.04", "/etc/os-release"};
}

// Every record comes back as it went, and no shorter or longer payload is taken for one.
template <typename T, typename Decode>
void expect_round_trip(const T& value, Decode decode) {
    const std::string payload = encode(value);
    const auto decoded = decode(payload);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().describe();
    EXPECT_EQ(*decoded, value);
    for (std::size_t size = 0; size < payload.size(); ++size) {
        EXPECT_FALSE(decode(std::string_view(payload).substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(decode(payload + '\0').has_value());
}

TEST(Records, RoundTrip) {
    expect_round_trip(sample_package(), decode_package);
    expect_round_trip(sample_os(), decode_operating_system);
    expect_round_trip(OwnedPaths{"libc6", "amd64", {1, 2, UINT64_MAX}}, decode_owned_paths);
    expect_round_trip(DatabaseSummary{"/var/lib/dpkg/status", 7}, decode_database_summary);
    expect_round_trip(PackageUpdate{"x", "all", std::nullopt}, decode_package_update);
    expect_round_trip(PackageUpdate{"x", "all", sample_package()}, decode_package_update);
}

TEST(Records, RefuseNamelessPackages) {
    model::Package package = sample_package();
    package.name.clear();
    EXPECT_FALSE(decode_package(encode(package)).has_value());
}

TEST(Records, RefuseTextThatIsNotUtf8) {
    model::Package package = sample_package();
    package.description = "\xff";
    EXPECT_FALSE(decode_package(encode(package)).has_value());
}

TEST(Records, RefuseMoreHashesThanARecordMayHold) {
    OwnedPaths paths{"x", "", std::vector<std::uint64_t>(OwnedPaths::kMaxHashes, 1)};
    EXPECT_TRUE(decode_owned_paths(encode(paths)).has_value());
    paths.hashes.push_back(1);
    EXPECT_FALSE(decode_owned_paths(encode(paths)).has_value());
}

TEST(Records, RefuseCountsBeyondThePayload) {
    std::string payload = encode(OwnedPaths{"x", "", {}});
    payload.replace(payload.size() - 4, 4, "\xff\xff\xff\xff");
    EXPECT_FALSE(decode_owned_paths(payload).has_value());
}

}  // namespace
}  // namespace vmsecurity::families::sbom
