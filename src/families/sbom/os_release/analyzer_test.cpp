#include "families/sbom/os_release/analyzer.h"

#include <gtest/gtest.h>

#include "families/sbom/testing/cataloger_case.h"
#include "families/testing/expected_file.h"

namespace vmsecurity::families::sbom::os_release {
namespace {

class Cases : public ::testing::TestWithParam<std::string> {};

TEST_P(Cases, GiveWhatIsExpected) {
    testing::run_cataloger_case(*make_analyzer(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(, Cases, ::testing::ValuesIn(families::testing::case_names("testdata")),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace vmsecurity::families::sbom::os_release
