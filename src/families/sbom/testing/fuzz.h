#pragma once

#include <string_view>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::testing {

// Gives `content` to the analyzer as the file `path` and aborts unless every record that comes out
// fits, decodes, and is assembled and written as CycloneDX.
void fuzz_analyzer(const scan::Analyzer& analyzer, std::string_view path, std::string_view content);

}  // namespace vmsecurity::families::sbom::testing
