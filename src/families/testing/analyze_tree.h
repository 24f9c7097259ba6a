#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scan/analyzer.h"

namespace vmsecurity::families::testing {

struct FileProblem {
    std::string path;  // relative to the tree
    std::string reason;
    bool operator==(const FileProblem&) const = default;
};

struct TreeAnalysis {
    std::vector<scan::Record> records;
    std::vector<FileProblem> problems;  // also the errors of whole files
};

// Gives the files of a small tree to the analyzers, as the scan engine would: an exact want follows
// links, globs and prefixes as scan::Want describes them. In order of paths; symbolic links in the
// walk are not followed.
TreeAnalysis analyze_tree(std::span<const scan::Analyzer* const> analyzers,
                          const std::filesystem::path& root);

// One file that need not exist; for fuzzing and for tests of single files.
TreeAnalysis analyze_content(const scan::Analyzer& analyzer, std::string_view path,
                             std::string_view content);

// scan::Want::pattern against a path.
bool matches(std::string_view pattern, std::string_view path);

}  // namespace vmsecurity::families::testing
