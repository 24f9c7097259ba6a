#include "disk/content/fat.h"

#include <fmt/format.h>

#include <bit>

namespace vmsecurity::disk {
namespace {

using namespace std::string_view_literals;

constexpr auto kNtfs = "NTFS    "sv;
constexpr auto kExfat = "EXFAT   "sv;

// The BIOS parameter block (Microsoft FAT specification §3.1), by the fields that have few values.
bool has_parameter_block(base::ByteSpan sector) {
    const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(sector[at]); };
    const bool jump = (byte(0) == 0xEB && byte(2) == 0x90) || byte(0) == 0xE9;
    const auto sector_size = base::load_le<std::uint16_t>(sector, 11);
    const bool size_known =
        sector_size >= 512 && sector_size <= 4096 && std::has_single_bit(sector_size);
    const auto reserved = base::load_le<std::uint16_t>(sector, 14);
    const bool media_known = byte(21) == 0xF0 || byte(21) >= 0xF8;
    return jump && size_known && std::has_single_bit(byte(13)) && reserved > 0 &&
           (byte(16) == 1 || byte(16) == 2) && media_known;
}

bool has_signature(base::ByteSpan sector) {
    return base::load_le<std::uint16_t>(sector, 510) == 0xAA55;
}

std::string serial_text(std::uint32_t serial) {
    return fmt::format("{:04X}-{:04X}", serial >> 16U, serial & 0xFFFFU);
}

}  // namespace

bool is_dos_boot_sector(base::ByteSpan sector) {
    if (!has_signature(sector)) return false;
    const std::string_view oem = base::as_text(sector).substr(3, 8);
    return oem == kNtfs || oem == kExfat || has_parameter_block(sector);
}

std::optional<Content> probe_ntfs(const ProbeInput& input) {
    if (!input.has(3, kNtfs)) return std::nullopt;
    return Content{
        ContentKind::kNtfs, fmt::format("{:016X}", input.integer<std::uint64_t>(72)), {}};
}

std::optional<Content> probe_exfat(const ProbeInput& input) {
    if (!input.has(3, kExfat)) return std::nullopt;
    return Content{ContentKind::kExfat, serial_text(input.integer<std::uint32_t>(100)), {}};
}

std::optional<Content> probe_fat(const ProbeInput& input) {
    const base::ByteSpan sector = input.bytes(0, 512);
    if (sector.empty() || !has_signature(sector) || !has_parameter_block(sector)) {
        return std::nullopt;
    }
    // FAT32 counts its table in 32 bits and moves the fields behind it by 28 bytes.
    const bool fat32 = base::load_le<std::uint16_t>(sector, 22) == 0;
    const std::size_t extended = fat32 ? 66 : 38;
    Content content{ContentKind::kFat, {}, {}};
    if (std::to_integer<unsigned>(sector[extended]) == 0x29) {
        content.uuid = serial_text(base::load_le<std::uint32_t>(sector, extended + 1));
        content.label = input.text(extended + 5, 11, ' ');
        if (content.label == "NO NAME") content.label.clear();
    }
    return content;
}

}  // namespace vmsecurity::disk
