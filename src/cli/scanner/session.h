#pragma once

#include <chrono>
#include <string>

#include "cli/scan/settings.h"
#include "sdk/api_client.h"

namespace vmsecurity::cli {

struct ScannerSettings {
    ScanSettings scan;
    std::string output_directory;  // empty: none
    sdk::Endpoint server;
    std::string asset_scan_id;
    std::chrono::milliseconds upload_timeout{};
};

// Does one asset scan: waits until it may begin, scans, sends what each family found, and says how
// it ended. The answer is an exit status.
int run_asset_scan(const ScannerSettings& settings);

}  // namespace vmsecurity::cli
