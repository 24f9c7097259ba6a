#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "providers/local/snapshot.h"
#include "providers/provider.h"

namespace vmsecurity::providers::local {

struct LocalOptions {
    std::filesystem::path directory;  // of the images: the environment
    std::filesystem::path state;      // snapshots and what belongs to running scans; ours alone
    SnapshotMode snapshot = SnapshotMode::kAuto;
    std::string scanner;  // the program `vmsecurity`
};

// Disk images of a directory, scanned by `vmsecurity scan` on this machine. What it makes for an
// asset scan lies in a folder of that name below `state`: the snapshot, the scanner's token,
// configuration, log and lock.
base::Result<std::unique_ptr<Provider>> make_local_provider(LocalOptions options);

}  // namespace vmsecurity::providers::local
