#include "cli/cli.h"

int main(int argc, char** argv) {
    return vmsecurity::cli::run(argc, argv);
}
