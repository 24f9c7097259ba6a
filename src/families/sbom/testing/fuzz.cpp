#include "families/sbom/testing/fuzz.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "families/sbom/sbom.h"
#include "families/testing/analyze_tree.h"

namespace vmsecurity::families::sbom::testing {

void fuzz_analyzer(const scan::Analyzer& analyzer, std::string_view path,
                   std::string_view content) {
    const auto analysis = families::testing::analyze_content(analyzer, path, content);
    for (const auto& problem : analysis.problems) {
        if (!base::is_valid_utf8(problem.reason) || problem.reason.size() > 4096) std::abort();
        if (problem.reason == "the record is too large") std::abort();
    }
    const Sbom sbom = assemble(analysis.records, {});
    const auto undecodable = [](const model::CoverageEntry& entry) {
        return entry.scope == model::CoverageScope::kAnalyzer;
    };
    if (std::ranges::any_of(sbom.coverage, undecodable)) std::abort();
    if (!base::is_valid_utf8(to_cyclonedx(sbom, {"", "", "fuzz", ""}))) std::abort();
}

}  // namespace vmsecurity::families::sbom::testing
