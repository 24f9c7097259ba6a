#include <exception>

#include "cli/advisories/command.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"

int main(int argc, char** argv) try {
    return vmsecurity::cli::AdvisoriesCommand::main(argc, argv);
} catch (const std::exception& error) {
    // Nothing of ours throws; what a library throws (no memory, a closed standard output) ends
    // here.
    vmsecurity::cli::tell("vmsecurity: {}\n", error.what());
    return vmsecurity::cli::kFailed;
}
