#include <csignal>
#include <exception>

#include "cli/client/command.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"

int main(int argc, char** argv) try {
    // `vmsecurity`, which starts this, ignores it; `vmsecurity get … | head` shall end quietly.
    std::signal(SIGPIPE, SIG_DFL);
    return vmsecurity::cli::ClientCommand::main(argc, argv);
} catch (const std::exception& error) {
    // Nothing of ours throws; what a library throws (no memory) ends here.
    vmsecurity::cli::tell("vmsecurity: {}\n", error.what());
    return vmsecurity::cli::kFailed;
}
