#pragma once

#include <optional>

#include "base/result.h"
#include "disk/partition_table.h"

namespace vmsecurity::disk {

// A GPT (UEFI 2.10 §5.3). With `protective` (the MBR says that there is one), damage is tolerated
// as far as the backup reaches, and reported. Without it only a primary table that is whole counts:
// a disk that was given a file system as a whole may still hold an old one. Nothing: no GPT.
base::Result<std::optional<PartitionTable>> read_gpt(const BlockSource& disk, bool protective);

}  // namespace vmsecurity::disk
