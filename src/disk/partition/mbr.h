#pragma once

#include <optional>

#include "base/result.h"
#include "disk/partition_table.h"

namespace vmsecurity::disk {

// What sector 0 says.
struct MbrReading {
    bool protective = false;              // an entry of type 0xEE: a GPT should follow
    std::optional<PartitionTable> table;  // the other entries, if they look like a table at all
};

// The classic table of an MBR, in sectors of 512 bytes, with the chain of extended boot records.
// The boot sector of a file system ends in the same signature; what tells them apart is whether the
// four entries make sense.
base::Result<MbrReading> read_mbr(const BlockSource& disk);

}  // namespace vmsecurity::disk
