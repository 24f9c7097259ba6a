#include "disk/partition/gpt_header.h"

#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <utility>

#include "base/bytes.h"
#include "disk/partition/layout.h"

namespace vmsecurity::disk {
namespace {

// UEFI 2.10 table 5-5.
constexpr std::uint32_t kMinHeaderSize = 92;
constexpr std::size_t kHeaderCrc = 16;
constexpr std::size_t kMySector = 24;
constexpr std::size_t kAlternateSector = 32;
constexpr std::size_t kEntriesSector = 72;
constexpr std::size_t kEntryCount = 80;
constexpr std::size_t kEntrySize = 84;
constexpr std::size_t kEntriesCrc = 88;

// 128 entries of 128 bytes is what tools write; this is 64 times that.
constexpr std::uint64_t kMaxEntriesBytes = 1U << 20U;
constexpr std::uint32_t kMaxEntrySize = 4096;

// The checksum of UEFI is the one of zlib (CRC-32, polynomial 0x04C11DB7 reflected).
std::uint32_t checksum(base::ByteSpan bytes) {
    const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
    return static_cast<std::uint32_t>(::crc32(0, data, static_cast<uInt>(bytes.size())));
}

// What is wrong with the header itself; empty if nothing.
std::string header_damage(std::vector<std::byte> header, std::uint64_t sector) {
    const auto size = base::load_le<std::uint32_t>(header, 12);
    if (size < kMinHeaderSize || size > header.size()) {
        return fmt::format("its header claims a size of {} bytes", size);
    }
    const auto stated = base::load_le<std::uint32_t>(header, kHeaderCrc);
    std::fill_n(header.begin() + kHeaderCrc, 4, std::byte{0});
    if (checksum(base::ByteSpan(header).first(size)) != stated) {
        return "its header's checksum is wrong";
    }
    if (base::load_le<std::uint64_t>(header, kMySector) != sector) {
        return "its header belongs to another sector";
    }
    const auto count = base::load_le<std::uint32_t>(header, kEntryCount);
    const auto entry_size = base::load_le<std::uint32_t>(header, kEntrySize);
    if (entry_size < 128 || entry_size > kMaxEntrySize || !std::has_single_bit(entry_size)) {
        return fmt::format("its entries claim a size of {} bytes", entry_size);
    }
    if (std::uint64_t{count} * entry_size > kMaxEntriesBytes) {
        return fmt::format("it claims {} entries of {} bytes", count, entry_size);
    }
    return {};
}

}  // namespace

base::Result<GptAttempt> read_gpt_copy(const BlockSource& disk, std::uint32_t sector_size,
                                       std::uint64_t sector) {
    GptAttempt attempt;
    if (!inside_disk(disk, sector_size, sector, 1)) {
        attempt.damage = "the disk ends before it";
        return attempt;
    }
    std::vector<std::byte> header(sector_size);
    VMSECURITY_TRY(disk.read(sector * sector_size, header));
    if (!base::as_text(header).starts_with("EFI PART")) {
        attempt.damage = "its signature is missing";
        return attempt;
    }
    attempt.has_signature = true;
    attempt.alternate = base::load_le<std::uint64_t>(header, kAlternateSector);
    attempt.damage = header_damage(header, sector);
    if (!attempt.damage.empty()) return attempt;

    GptCopy copy;
    copy.sector_size = sector_size;
    copy.entry_size = base::load_le<std::uint32_t>(header, kEntrySize);
    const auto count = base::load_le<std::uint32_t>(header, kEntryCount);
    const std::uint64_t bytes = std::uint64_t{count} * copy.entry_size;
    const auto first = base::load_le<std::uint64_t>(header, kEntriesSector);
    if (first > disk.size() / sector_size || bytes > disk.size() - first * sector_size) {
        attempt.damage = fmt::format("its entries at sector {} lie past the disk's end", first);
        return attempt;
    }
    copy.entries.resize(bytes);
    VMSECURITY_TRY(disk.read(first * sector_size, copy.entries));
    if (checksum(copy.entries) != base::load_le<std::uint32_t>(header, kEntriesCrc)) {
        attempt.damage = "its entries' checksum is wrong";
        return attempt;
    }
    attempt.copy = std::move(copy);
    return attempt;
}

}  // namespace vmsecurity::disk
