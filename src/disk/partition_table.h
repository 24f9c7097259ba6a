#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

enum class PartitionScheme { kNone, kMbr, kGpt };
std::string_view to_string(PartitionScheme scheme);

struct Partition {
    unsigned number = 0;    // as the kernel would number it: GPT slot + 1, MBR 1-4, logical from 5
    ByteRange range;        // bytes on the disk, inside it
    std::string type;       // GPT: type GUID, lower case; MBR: "0x83"
    std::string unique_id;  // GPT: partition GUID; MBR: "<disk signature>-<number>", as PARTUUID
    std::string label;      // GPT partition name as UTF-8; empty for MBR
};

// A partition that the table names and that cannot be read: ends past the disk, overlaps another,
// chain broken.
struct PartitionProblem {
    unsigned number = 0;  // 0: the table as a whole
    std::string reason;   // for the report
};

struct PartitionTable {
    PartitionScheme scheme = PartitionScheme::kNone;
    std::uint32_t sector_size = 512;
    std::vector<Partition> partitions;       // by number; every one is readable
    std::vector<PartitionProblem> problems;  // non-empty: the table cannot be trusted whole
};

// Reads GPT (UEFI 2.10 §5.3; sector sizes 512 and 4096; the backup header when the primary is
// damaged, which is a problem to report), MBR with extended partitions (bounded chain), or finds
// none. Fails only if the source cannot be read; what is wrong with the table is in `problems`.
base::Result<PartitionTable> read_partition_table(const BlockSource& disk);

}  // namespace vmsecurity::disk
