#include "disk/partition/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace vmsecurity::disk {

void reject_overlaps(TableDraft& draft) {
    auto& partitions = draft.partitions;
    std::ranges::sort(partitions, {}, [](const Partition& p) { return p.range.offset; });
    std::map<unsigned, unsigned> other;  // partition → one that it overlaps
    // Among those already passed, the one that reaches furthest is the one to meet.
    const Partition* furthest = nullptr;
    for (const Partition& partition : partitions) {
        if (furthest != nullptr && partition.range.offset < furthest->range.end()) {
            other.emplace(partition.number, furthest->number);
            other.emplace(furthest->number, partition.number);
        }
        if (furthest == nullptr || partition.range.end() > furthest->range.end()) {
            furthest = &partition;
        }
    }
    std::erase_if(partitions, [&](const Partition& partition) {
        const auto found = other.find(partition.number);
        if (found == other.end()) return false;
        draft.problems.push_back(
            {partition.number,
             fmt::format("partition {} (bytes {} to {}) overlaps partition {}", partition.number,
                         partition.range.offset, partition.range.end() - 1, found->second)});
        return true;
    });
    std::ranges::sort(partitions, {}, &Partition::number);
    std::ranges::sort(draft.problems, {}, [](const PartitionProblem& problem) {
        return std::tie(problem.number, problem.reason);
    });
}

bool inside_disk(const BlockSource& disk, std::uint32_t sector_size, std::uint64_t first,
                 std::uint64_t count) {
    const std::uint64_t sectors = disk.size() / sector_size;
    return first < sectors && count <= sectors - first;
}

PartitionProblem past_end(unsigned number, const BlockSource& disk, std::uint32_t sector_size,
                          std::uint64_t first, std::uint64_t count) {
    return {number,
            fmt::format("partition {} ends past the disk: it has {} sectors from {} on, the disk "
                        "has {} (of {} bytes); is the image cut off?",
                        number, count, first, disk.size() / sector_size, sector_size)};
}

}  // namespace vmsecurity::disk
