#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "disk/block_source.h"
#include "disk/partition/layout.h"
#include "disk/partition/mbr_entry.h"

namespace vmsecurity::disk {

// Follows the extended boot records of `container` (an extended partition of the MBR) and adds its
// logical partitions to the draft, numbered from `number` on, by `add(number, entry)` with an entry
// whose `first` counts from the disk's start. Answers the next free number. A chain that is broken,
// endless or a loop becomes a problem; fails only if the disk cannot be read.
base::Result<unsigned> read_extended_chain(
    const BlockSource& disk, const MbrEntry& container, unsigned number, TableDraft& draft,
    const std::function<void(unsigned, std::uint64_t first, const MbrEntry&)>& add);

}  // namespace vmsecurity::disk
