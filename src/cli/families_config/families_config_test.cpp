#include "cli/families_config/families_config.h"

#include <gmock/gmock.h>

namespace vmsecurity::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(std::string_view text) {
    const auto config = parse_families_config(text);
    return config ? "accepted" : config.error().describe();
}

TEST(FamiliesConfig, SaysWhichFamiliesAndWhere) {
    const auto config = parse_families_config(R"(
sbom:
  enabled: true
  analyzers_list: [syft, gomod]
  inputs: [{input: /mnt/root, input_type: ROOTFS, strip_path_from_result: true}]
  analyzers_config: {registry: {skip-verify-tls: false, auths: [{authority: a, token: t}]}}
vulnerabilities: {enabled: false, scanners_list: [other]}
misconfiguration: {enabled: true, scanners_list: [lynis]}
infofinder: {enabled: true, scanners_config: {ssh_topology: {any: thing}}}
)");
    ASSERT_TRUE(config) << config.error().describe();
    EXPECT_TRUE(config->enables("sbom"));
    EXPECT_FALSE(config->enables("vulnerabilities"));
    EXPECT_TRUE(config->enables("misconfigurations"));
    EXPECT_TRUE(config->enables("infoFinder"));
    EXPECT_EQ(config->target, "/mnt/root");
    std::vector<std::string> names;
    for (const auto& entry : unsupported_parts(*config)) names.push_back(coverage_of(entry).name);
    EXPECT_THAT(names, ElementsAre("infoFinder", "misconfigurations", "sbom/gomod"));
}

TEST(FamiliesConfig, InputsOfOtherTypesAreTold) {
    const auto config = parse_families_config(
        "sbom: {enabled: true, inputs: [{input: alpine}, {input: d, input_type: dir}]}");
    ASSERT_TRUE(config) << config.error().describe();
    EXPECT_EQ(config->target, "d");
    ASSERT_EQ(config->unsupported_inputs.size(), 1U);
    EXPECT_EQ(coverage_of(config->unsupported_inputs.front()).name, "sbom/input of type image");
}

TEST(FamiliesConfig, AnUnknownKeyIsNamedWithTheNearest) {
    EXPECT_THAT(refusal("sbom: {enabeld: true}"),
                AllOf(HasSubstr("'sbom.enabeld'"), HasSubstr("'enabled'")));
    EXPECT_THAT(refusal("sboom: {enabled: true}"), AllOf(HasSubstr("sboom"), HasSubstr("'sbom'")));
    EXPECT_THAT(refusal("sbom: {enabled: true, inputs: [{inpt: x}]}"),
                AllOf(HasSubstr("'sbom.inputs[].inpt'"), HasSubstr("'input'")));
}

TEST(FamiliesConfig, ValuesOfAnotherShapeAreRefused) {
    EXPECT_THAT(refusal("sbom: {enabled: perhaps}"), HasSubstr("true or false"));
    EXPECT_THAT(refusal("sbom: [1]"), HasSubstr("'sbom' must be a mapping"));
    EXPECT_THAT(refusal("sbom: {enabled: true, inputs: x}"), HasSubstr("must be a list"));
    EXPECT_THAT(refusal("sbom: {enabled: true, analyzers_list: [{a: b}]}"),
                HasSubstr("a list of plain values"));
    EXPECT_THAT(refusal("- sbom"), HasSubstr("must be a mapping"));
    EXPECT_THAT(refusal("sbom: {enabled: false}"), HasSubstr("no family is enabled"));
    EXPECT_THAT(refusal("a: ["), HasSubstr("YAML"));
    EXPECT_THAT(refusal("sbom: {enabled: true, inputs: [{input: a, input_type: dir}, "
                        "{input: b, input_type: dir}]}"),
                HasSubstr("two targets"));
}

}  // namespace
}  // namespace vmsecurity::cli
