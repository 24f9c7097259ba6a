#pragma once

#include <vector>

#include "disk/partition_table.h"

namespace vmsecurity::disk {

// A table as it was read, before its partitions are held against each other.
struct TableDraft {
    std::vector<Partition> partitions;
    std::vector<PartitionProblem> problems;
};

// Moves every partition that shares bytes with another from the draft's partitions to its problems,
// each naming the other: which of them is right cannot be told. Sorts both by number.
void reject_overlaps(TableDraft& draft);

// True if [first, first + count) sectors lie on the disk; `count` is at least 1.
bool inside_disk(const BlockSource& disk, std::uint32_t sector_size, std::uint64_t first,
                 std::uint64_t count);

// The problem of a partition that is not.
PartitionProblem past_end(unsigned number, const BlockSource& disk, std::uint32_t sector_size,
                          std::uint64_t first, std::uint64_t count);

}  // namespace vmsecurity::disk
