#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::providers::local {

// One VM of the environment: a disk image, and what NAME.yaml beside it says.
struct LocalMachine {
    std::string name;            // NAME of NAME.img: the asset's instance ID
    std::filesystem::path disk;  // the root disk
    std::vector<std::filesystem::path> further_disks;
    std::string region;
    std::string platform;
    std::map<std::string, std::string> tags;

    // The API's VMInfo.
    base::Result<boost::json::object> info() const;
};

// An image that is there and cannot be a machine.
struct CatalogFault {
    std::string name;
    std::string reason;
};

struct Catalog {
    std::vector<LocalMachine> machines;  // by name
    std::vector<CatalogFault> faults;
};

// The machines of a directory: its files named *.img, *.raw, *.dd and *.qcow2 (hidden ones and
// subdirectories are not looked at). NAME.yaml may hold `tags` (a mapping), `region`, `platform`,
// `disks` (further disks, by their file names) and `ignore: true`. A file that another one's
// `disks` names, or that lies under it as a backing file, is no machine of its own.
base::Result<Catalog> read_catalog(const std::filesystem::path& directory);

// kNotFound: no such machine (any more); kInvalidArgument: its NAME.yaml is wrong.
base::Result<LocalMachine> find_machine(const std::filesystem::path& directory,
                                        std::string_view name);

}  // namespace vmsecurity::providers::local
