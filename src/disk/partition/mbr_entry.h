#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace vmsecurity::disk {

inline constexpr std::uint32_t kMbrSectorSize = 512;
inline constexpr std::uint8_t kProtectiveType = 0xEE;

// One of the four entries of an MBR or an extended boot record, 16 bytes at 446 + 16 * i. The
// addresses by cylinder, head and sector are not used.
struct MbrEntry {
    std::uint8_t status = 0;
    std::uint8_t type = 0;
    std::uint32_t first = 0;  // sectors, relative to what depends on the entry
    std::uint32_t count = 0;

    bool used() const { return type != 0 && count > 0; }
    bool extended() const { return type == 0x05 || type == 0x0F || type == 0x85; }
    // A partition is bootable or not, nothing else, and begins after the table.
    bool plausible() const { return (status == 0x00 || status == 0x80) && (!used() || first > 0); }
};

inline bool has_boot_signature(base::ByteSpan sector) {
    return base::load_le<std::uint16_t>(sector, 510) == 0xAA55;
}

inline std::array<MbrEntry, 4> decode_mbr_entries(base::ByteSpan sector) {
    std::array<MbrEntry, 4> entries;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const base::ByteSpan raw = sector.subspan(446 + 16 * i, 16);
        entries[i] = {base::load_le<std::uint8_t>(raw, 0), base::load_le<std::uint8_t>(raw, 4),
                      base::load_le<std::uint32_t>(raw, 8), base::load_le<std::uint32_t>(raw, 12)};
    }
    return entries;
}

}  // namespace vmsecurity::disk
