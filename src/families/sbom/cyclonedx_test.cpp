#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "families/sbom/sbom.h"

// Validity against the schema is checked by tests/conformance/cyclonedx_schema_test.py.
namespace vmsecurity::families::sbom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Sbom sample() {
    Sbom sbom;
    sbom.os.id = "debian";
    sbom.os.version_id = "12";
    model::Package package;
    package.type = "pypi";
    package.name = "a";
    package.version = "1";
    package.licenses = {"MIT", "MIT License"};
    package.location = "/one";
    package.owner = model::Package::Owner{"python3-a", "1-1"};
    sbom.packages = {package, package};
    sbom.packages[1].location = "/two";
    return sbom;
}

std::string document(const Sbom& sbom) {
    return to_cyclonedx(sbom, {"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
                               "2024-01-01T00:00:00Z", "disk.img", "1.0"});
}

TEST(CycloneDx, GivesEachPlaceOfAPackageItsOwnReference) {
    const std::string text = document(sample());
    EXPECT_THAT(text, HasSubstr(R"("bom-ref": "pkg:pypi/a@1#/one")"));
    EXPECT_THAT(text, HasSubstr(R"("bom-ref": "pkg:pypi/a@1#/two")"));
    Sbom single = sample();
    single.packages.pop_back();
    EXPECT_THAT(document(single), HasSubstr(R"("bom-ref": "pkg:pypi/a@1")"));
}

TEST(CycloneDx, ClaimsALicenceIdOnlyWhereItIsOne) {
    const std::string text = document(sample());
    EXPECT_THAT(text, HasSubstr(R"("id": "MIT")"));
    EXPECT_THAT(text, HasSubstr(R"("name": "MIT License")"));
    EXPECT_THAT(text, Not(HasSubstr(R"("id": "MIT License")")));
}

TEST(CycloneDx, IsTheSameEachTime) {
    EXPECT_EQ(document(sample()), document(sample()));
}

TEST(CycloneDx, LeavesOutWhatIsUnknown) {
    const std::string text = to_cyclonedx(Sbom{}, {"", "", "x", ""});
    for (const char* key : {"serialNumber", "timestamp", "operating-system", "properties"}) {
        EXPECT_THAT(text, Not(HasSubstr(key)));
    }
}

}  // namespace
}  // namespace vmsecurity::families::sbom
