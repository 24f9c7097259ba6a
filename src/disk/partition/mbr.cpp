#include "disk/partition/mbr.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "disk/content/fat.h"
#include "disk/partition/extended_chain.h"
#include "disk/partition/layout.h"
#include "disk/partition/mbr_entry.h"

namespace vmsecurity::disk {
namespace {

class MbrReader {
  public:
    MbrReader(const BlockSource& disk, base::ByteSpan sector)
        : disk_(disk),
          entries_(decode_mbr_entries(sector)),
          signature_(base::load_le<std::uint32_t>(sector, 440)) {}

    base::Result<PartitionTable> read() {
        unsigned logical = 5;
        for (unsigned i = 0; i < entries_.size(); ++i) {
            const MbrEntry& entry = entries_[i];
            if (!entry.used() || entry.type == kProtectiveType) continue;
            if (!entry.extended()) {
                add(i + 1, entry.first, entry);
                continue;
            }
            if (!inside_disk(disk_, kMbrSectorSize, entry.first, entry.count)) {
                draft_.problems.push_back(
                    past_end(i + 1, disk_, kMbrSectorSize, entry.first, entry.count));
            }
            VMSECURITY_ASSIGN(
                logical,
                read_extended_chain(disk_, entry, logical, draft_,
                                    [this](unsigned number, std::uint64_t first,
                                           const MbrEntry& part) { add(number, first, part); }));
        }
        reject_overlaps(draft_);
        return PartitionTable{PartitionScheme::kMbr, kMbrSectorSize, std::move(draft_.partitions),
                              std::move(draft_.problems)};
    }

  private:
    void add(unsigned number, std::uint64_t first, const MbrEntry& entry) {
        if (!inside_disk(disk_, kMbrSectorSize, first, entry.count)) {
            draft_.problems.push_back(past_end(number, disk_, kMbrSectorSize, first, entry.count));
            return;
        }
        draft_.partitions.push_back(
            {number,
             {first * kMbrSectorSize, std::uint64_t{entry.count} * kMbrSectorSize},
             fmt::format("{:#04x}", entry.type),
             fmt::format("{:08x}-{:02x}", signature_, number),
             {}});
    }

    const BlockSource& disk_;
    std::array<MbrEntry, 4> entries_;
    std::uint32_t signature_;
    TableDraft draft_;
};

}  // namespace

base::Result<MbrReading> read_mbr(const BlockSource& disk) {
    MbrReading reading;
    if (disk.size() < kMbrSectorSize) return reading;
    std::array<std::byte, kMbrSectorSize> sector{};
    VMSECURITY_TRY(disk.read(0, sector));
    if (!has_boot_signature(sector)) return reading;

    const auto entries = decode_mbr_entries(sector);
    reading.protective = std::ranges::any_of(
        entries, [](const MbrEntry& entry) { return entry.type == kProtectiveType; });
    const bool any_used = std::ranges::any_of(entries, [](const MbrEntry& entry) {
        return entry.used() && entry.type != kProtectiveType;
    });
    if (!any_used || !std::ranges::all_of(entries, &MbrEntry::plausible)) return reading;

    VMSECURITY_ASSIGN(PartitionTable table, MbrReader(disk, sector).read());
    // Boot loaders leave a FAT's parameter block in place, so both may be there; then the table
    // must be faultless to be believed.
    if (is_dos_boot_sector(sector) && !table.problems.empty()) return reading;
    reading.table = std::move(table);
    return reading;
}

}  // namespace vmsecurity::disk
