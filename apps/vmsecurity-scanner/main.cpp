#include <csignal>
#include <exception>

#include "cli/console/console.h"
#include "cli/exit_status.h"
#include "cli/scanner/command.h"

int main(int argc, char** argv) try {
    // A server that went away is an error of the write, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    return vmsecurity::cli::ScannerCommand::main(argc, argv);
} catch (const std::exception& error) {
    // Nothing of ours throws; what a library throws (no memory) ends here.
    vmsecurity::cli::tell("vmsecurity scan: {}\n", error.what());
    return vmsecurity::cli::kFailed;
}
