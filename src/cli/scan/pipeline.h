#pragma once

#include "cli/scan/settings.h"

namespace vmsecurity::cli {

// Scans, matches, writes the reports. The answer is the exit status.
int scan_and_report(const ScanSettings& settings);

}  // namespace vmsecurity::cli
