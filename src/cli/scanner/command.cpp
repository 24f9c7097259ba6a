#include "cli/scanner/command.h"

#include <utility>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"
#include "cli/version.h"

namespace vmsecurity::cli {

ScannerCommand::ScannerCommand(CLI::App& program) : scan_(program) {
    program.require_subcommand(1);
    CLI::App& app = scan_.app();
    connection_.add_options(app);
    app.add_option("--asset-scan-id", asset_scan_id_, "The asset scan that this is")
        ->type_name("ID")
        ->group("Connection");
    app.add_option("--upload-timeout", upload_timeout_,
                   "Seconds to go on trying to send results to a server that does not take them")
        ->check(CLI::Range(1.0, 1e6))
        ->group("Connection")
        ->capture_default_str();
}

base::Result<ScannerSettings> ScannerCommand::settings() const {
    if (asset_scan_id_.empty() || scan_.app().count("--server") == 0) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "--server and --asset-scan-id go together");
    }
    ScannerSettings settings;
    VMSECURITY_ASSIGN(settings.scan, scan_.settings(true));
    settings.output_directory = settings.scan.outputs.front().file;
    VMSECURITY_ASSIGN(settings.server, connection_.endpoint());
    settings.asset_scan_id = asset_scan_id_;
    settings.upload_timeout =
        std::chrono::milliseconds(static_cast<std::int64_t>(upload_timeout_ * 1000));
    return settings;
}

int ScannerCommand::run() {
    const auto checked = settings();
    if (!checked) {
        tell("vmsecurity scan: {}\n", checked.error().describe());
        return kUsage;
    }
    return run_asset_scan(*checked);
}

int ScannerCommand::main(int argc, char** argv) {
    CLI::App program("Scans for an API server", std::string(kProgramName));
    ScannerCommand command(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kComplete : kUsage;
    }
    return command.run();
}

}  // namespace vmsecurity::cli
