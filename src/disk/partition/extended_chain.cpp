#include "disk/partition/extended_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace vmsecurity::disk {
namespace {

// Linux numbers no more minors than this on a disk.
constexpr std::size_t kMaxLogical = 256;

}  // namespace

base::Result<unsigned> read_extended_chain(
    const BlockSource& disk, const MbrEntry& container, unsigned number, TableDraft& draft,
    const std::function<void(unsigned, std::uint64_t first, const MbrEntry&)>& add) {
    const auto broken = [&](std::uint64_t sector, std::string_view why) {
        draft.problems.push_back(
            {number, fmt::format("the chain of logical partitions is broken before number {}, at "
                                 "sector {}: {}",
                                 number, sector, why)});
        return number;
    };
    const std::uint64_t base = container.first;
    std::set<std::uint64_t> passed;
    std::uint64_t at = base;
    for (;;) {
        if (!inside_disk(disk, kMbrSectorSize, at, 1)) return broken(at, "past the disk's end");
        if (!passed.insert(at).second) return broken(at, "it comes back to itself");
        if (passed.size() > kMaxLogical) return broken(at, "too many partitions");
        std::array<std::byte, kMbrSectorSize> sector{};
        VMSECURITY_TRY(disk.read(at * kMbrSectorSize, sector));
        if (!has_boot_signature(sector)) return broken(at, "no boot record there");

        // The first two entries: a partition, counted from this record, and the next record,
        // counted from the container. The other two are not used.
        const auto all = decode_mbr_entries(sector);
        const auto entries = std::span(all).first(2);
        const auto data = std::ranges::find_if(
            entries, [](const MbrEntry& entry) { return entry.used() && !entry.extended(); });
        if (data != entries.end()) {
            if (data->first == 0) return broken(at, "a partition that begins at its own record");
            add(number++, at + data->first, *data);
        }
        const auto link = std::ranges::find_if(
            entries, [](const MbrEntry& entry) { return entry.used() && entry.extended(); });
        if (link == entries.end()) return number;
        if (link->first >= container.count) {
            return broken(base + link->first, "outside the extended partition");
        }
        at = base + link->first;
    }
}

}  // namespace vmsecurity::disk
