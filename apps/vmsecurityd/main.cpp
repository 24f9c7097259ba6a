#include <fmt/format.h>

#include <exception>

#include "daemon/daemon.h"

int main(int argc, char** argv) try {
    return vmsecurity::daemon::run(argc, argv);
} catch (const std::exception& error) {
    // Nothing of ours throws; what a library throws (no memory) ends here.
    fmt::print(stderr, "vmsecurityd: {}\n", error.what());
    return vmsecurity::daemon::kFailed;
}
