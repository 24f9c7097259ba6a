#include "cli/advisories/command.h"

int main(int argc, char** argv) {
    return vmsecurity::cli::AdvisoriesCommand::main(argc, argv);
}
