#include <cstdio>
#include <string_view>

#include "families/sbom/catalogers.h"
#include "scan/protocol/roles.h"
#include "scan/workers/roles.h"

// Reads hostile bytes for `vmsecurity scan`, which starts it in a role.
int main(int argc, char** argv) {
    using namespace vmsecurity;
    const std::string_view role = argc == 2 ? argv[1] : "";
    if (role == scan::protocol::kFileSystemWorkerRole) {
        return scan::workers::run_file_system_worker();
    }
    if (role == scan::protocol::kContentWorkerRole) {
        return scan::workers::run_content_worker(families::sbom::make_catalogers());
    }
    std::fputs("vmsecurity-worker is started by `vmsecurity scan` and cannot be run by hand\n",
               stderr);
    return 2;
}
