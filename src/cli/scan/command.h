#pragma once

#include "cli/scan/settings.h"

namespace CLI {
class App;
}

namespace vmsecurity::cli {

// Adds `scan` to the program. run_scan_command() may be called once the line has been parsed.
class ScanCommand {
  public:
    explicit ScanCommand(CLI::App& program);

    bool chosen() const;
    int run();  // an exit status (exit_status.h); messages go to standard error

    // For who adds options of its own and scans itself.
    CLI::App& app() const { return *command_; }
    // With `look_for_config`, a families config is looked for where none is named.
    base::Result<ScanSettings> settings(bool look_for_config) const;

  private:
    base::Result<void> choose_families(ScanSettings& settings, bool look_for_config) const;

    CLI::App* command_ = nullptr;
    std::string target_;
    std::vector<std::string> families_ = {"sbom", "vulnerabilities"};
    std::string config_;
    std::string format_ = "table";
    std::string output_;
    std::vector<std::string> also_;
    std::string advisories_;
    std::string fail_on_;
    std::string progress_ = "auto";
    std::vector<std::string> excludes_;
    std::string max_file_size_ = "64M";
    std::string worker_memory_ = "1G";
    std::uint32_t max_depth_ = 256;
    double file_timeout_ = 30;
    double stall_timeout_ = 60;
    double timeout_ = 0;
    std::uint32_t io_threads_ = 8;
    std::uint32_t workers_ = 0;
    bool cross_mounts_ = false;
    bool require_unchanged_ = false;
};

}  // namespace vmsecurity::cli
