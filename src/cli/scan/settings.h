#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/families_config/families_config.h"
#include "model/severity.h"
#include "scan/options.h"

namespace vmsecurity::cli {

enum class Format { kTable, kJson, kCycloneDx };
base::Result<Format> parse_format(std::string_view text);

enum class ProgressMode { kAuto, kAlways, kNever };

// Where a report goes and how it is written.
struct Output {
    Format format = Format::kTable;
    std::string file;  // empty: standard output
};

// The `scan` command's line, understood and checked.
struct ScanSettings {
    std::string target;
    bool vulnerabilities = true;             // sbom always runs: it is what the others build on
    std::vector<Output> outputs;             // the first is the main one
    std::string advisories;                  // path of the advisory file
    std::optional<FamiliesConfig> families;  // of a file
    bool families_given = false;             // the file was named, not found
    std::optional<model::Severity> fail_on;
    ProgressMode progress = ProgressMode::kAuto;
    scan::Options scan;
};

// A whole number of bytes, or one with K, M or G behind it (powers of 1024): "4096", "64M".
base::Result<std::uint64_t> parse_size(std::string_view text);

// $VMSECURITY_ADVISORIES, else advisories.vmadv in the user's cache directory.
std::string default_advisories_path();

}  // namespace vmsecurity::cli
