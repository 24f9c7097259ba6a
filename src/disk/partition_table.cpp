#include "disk/partition_table.h"

#include <optional>
#include <utility>

#include "disk/partition/gpt.h"
#include "disk/partition/mbr.h"

namespace vmsecurity::disk {

std::string_view to_string(PartitionScheme scheme) {
    switch (scheme) {
        case PartitionScheme::kNone:
            return "none";
        case PartitionScheme::kMbr:
            return "MBR";
        case PartitionScheme::kGpt:
            return "GPT";
    }
    return "unknown";
}

base::Result<PartitionTable> read_partition_table(const BlockSource& disk) {
    VMSECURITY_ASSIGN(MbrReading mbr, read_mbr(disk));
    // A classic table without a protective entry wins over the remains of a GPT, as in Linux.
    if (mbr.table && !mbr.protective) return std::move(*mbr.table);

    VMSECURITY_ASSIGN(std::optional<PartitionTable> gpt, read_gpt(disk, mbr.protective));
    if (!gpt) return PartitionTable{};
    // A hybrid MBR repeats some of the GPT's partitions: better than nothing if the GPT is lost.
    if (gpt->partitions.empty() && !gpt->problems.empty() && mbr.table) {
        mbr.table->problems.insert(mbr.table->problems.begin(),
                                   std::make_move_iterator(gpt->problems.begin()),
                                   std::make_move_iterator(gpt->problems.end()));
        return std::move(*mbr.table);
    }
    return std::move(*gpt);
}

}  // namespace vmsecurity::disk
