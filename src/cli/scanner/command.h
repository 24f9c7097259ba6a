#pragma once

#include <string>

#include "base/result.h"
#include "cli/client/connection.h"
#include "cli/scan/command.h"
#include "cli/scanner/session.h"

namespace vmsecurity::cli {

// `vmsecurity scan TARGET --server URL --asset-scan-id ID`: a scan whose results go to an API
// server. A program of its own, since libcurl brings libraries that no other scan needs.
class ScannerCommand {
  public:
    explicit ScannerCommand(CLI::App& program);

    static int main(int argc, char** argv);  // an exit status (exit_status.h)

  private:
    base::Result<ScannerSettings> settings() const;
    int run();

    ScanCommand scan_;
    Connection connection_;
    std::string asset_scan_id_;
    double upload_timeout_ = 1800;
};

}  // namespace vmsecurity::cli
