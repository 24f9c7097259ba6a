#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "families/sbom/sbom.h"
#include "families/testing/analyze_tree.h"

namespace vmsecurity::families::sbom::testing {

struct TreeSbom {
    Sbom sbom;
    std::vector<families::testing::FileProblem> problems;
};

// What the analyzers find in a tree, put together; links in its root to directories count as the
// engine's root links do.
TreeSbom sbom_of_tree(std::span<const scan::Analyzer* const> analyzers,
                      const std::filesystem::path& root);

// All of it as JSON, for comparison with an expected.json.
std::string to_json(const TreeSbom& result);

// The test of a cataloger's testdata/<name>: the tree `in` gives `expected.json`.
void run_cataloger_case(const scan::Analyzer& analyzer, const std::string& name);
void run_cataloger_case(std::span<const scan::Analyzer* const> analyzers, const std::string& name);

}  // namespace vmsecurity::families::sbom::testing
