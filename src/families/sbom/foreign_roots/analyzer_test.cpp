#include "families/sbom/foreign_roots/analyzer.h"

#include <gtest/gtest.h>

#include "families/sbom/catalogers.h"
#include "families/sbom/testing/cataloger_case.h"
#include "families/testing/expected_file.h"

namespace vmsecurity::families::sbom::foreign_roots {
namespace {

class Cases : public ::testing::TestWithParam<std::string> {};

// With all catalogers: what counts is what becomes of the others' packages.
TEST_P(Cases, GiveWhatIsExpected) {
    const auto catalogers = make_catalogers();
    std::vector<const scan::Analyzer*> analyzers;
    for (const auto& cataloger : catalogers) analyzers.push_back(cataloger.get());
    testing::run_cataloger_case(analyzers, GetParam());
}

INSTANTIATE_TEST_SUITE_P(, Cases, ::testing::ValuesIn(families::testing::case_names("testdata")),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace vmsecurity::families::sbom::foreign_roots
