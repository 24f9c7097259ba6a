#include "disk/partition/gpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "disk/encoding.h"
#include "disk/partition/gpt_header.h"
#include "disk/partition/layout.h"

namespace vmsecurity::disk {
namespace {

constexpr std::array<std::uint32_t, 2> kSectorSizes = {512, 4096};
constexpr std::uint64_t kPrimarySector = 1;
constexpr std::size_t kNameOffset = 56;  // UEFI 2.10 table 5-6
constexpr std::size_t kNameBytes = 72;

PartitionTable decode(const BlockSource& disk, const GptCopy& copy) {
    TableDraft draft;
    for (std::size_t i = 0; i * copy.entry_size < copy.entries.size(); ++i) {
        const auto entry = base::ByteSpan(copy.entries).subspan(i * copy.entry_size, 128);
        const auto number = static_cast<unsigned>(i + 1);
        const base::ByteSpan type = entry.first(16);
        if (std::ranges::all_of(type, [](std::byte b) { return b == std::byte{0}; })) continue;
        const auto first = base::load_le<std::uint64_t>(entry, 32);
        const auto last = base::load_le<std::uint64_t>(entry, 40);
        if (last < first || last - first == UINT64_MAX) {
            draft.problems.push_back(
                {number, fmt::format("partition {} ends (sector {}) before it begins (sector {})",
                                     number, last, first)});
            continue;
        }
        const std::uint64_t count = last - first + 1;
        if (!inside_disk(disk, copy.sector_size, first, count)) {
            draft.problems.push_back(past_end(number, disk, copy.sector_size, first, count));
            continue;
        }
        draft.partitions.push_back({number,
                                    {first * copy.sector_size, count * copy.sector_size},
                                    guid_text(type),
                                    guid_text(entry.subspan(16, 16)),
                                    utf16le_text(entry.subspan(kNameOffset, kNameBytes))});
    }
    reject_overlaps(draft);
    return {PartitionScheme::kGpt, copy.sector_size, std::move(draft.partitions),
            std::move(draft.problems)};
}

// The second copy is in the last sector, or, if the disk was grown since, where the damaged first
// one says.
base::Result<std::optional<GptCopy>> find_backup(const BlockSource& disk,
                                                 const std::array<GptAttempt, 2>& primaries) {
    for (std::size_t i = 0; i < kSectorSizes.size(); ++i) {
        const std::uint64_t sectors = disk.size() / kSectorSizes[i];
        if (sectors < 2) continue;
        for (const std::uint64_t sector : {sectors - 1, primaries[i].alternate}) {
            if (sector <= kPrimarySector) continue;
            VMSECURITY_ASSIGN(GptAttempt attempt, read_gpt_copy(disk, kSectorSizes[i], sector));
            if (attempt.copy) return std::move(attempt.copy);
        }
    }
    return std::nullopt;
}

}  // namespace

base::Result<std::optional<PartitionTable>> read_gpt(const BlockSource& disk, bool protective) {
    std::array<GptAttempt, 2> primaries;
    for (std::size_t i = 0; i < kSectorSizes.size(); ++i) {
        VMSECURITY_ASSIGN(primaries[i], read_gpt_copy(disk, kSectorSizes[i], kPrimarySector));
        if (!primaries[i].copy) continue;
        PartitionTable table = decode(disk, *primaries[i].copy);
        if (!protective) {
            table.problems.insert(table.problems.begin(), {0, "the GPT has no protective MBR"});
        }
        return table;
    }
    if (!protective) return std::nullopt;

    const GptAttempt& primary = primaries[1].has_signature ? primaries[1] : primaries[0];
    VMSECURITY_ASSIGN(const std::optional<GptCopy> backup, find_backup(disk, primaries));
    if (!backup) {
        return PartitionTable{
            PartitionScheme::kGpt,
            512,
            {},
            {{0, fmt::format("the GPT is damaged ({}) and no intact backup of it was found",
                             primary.damage)}}};
    }
    PartitionTable table = decode(disk, *backup);
    table.problems.insert(
        table.problems.begin(),
        {0, fmt::format("the primary GPT is damaged ({}); its backup was used", primary.damage)});
    return table;
}

}  // namespace vmsecurity::disk
