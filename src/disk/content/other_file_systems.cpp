#include "disk/content/other_file_systems.h"

namespace vmsecurity::disk {

using namespace std::string_view_literals;

// ECMA-119 §8: descriptors begin at sector 16 of 2048 bytes; the primary one has type 1.
std::optional<Content> probe_iso9660(const ProbeInput& input) {
    constexpr std::uint64_t kDescriptor = 16 * 2048;
    if (!input.has(kDescriptor + 1, "CD001"sv)) return std::nullopt;
    return Content{ContentKind::kIso9660, {}, input.text(kDescriptor + 40, 32, ' ')};
}

// ZFS On-Disk Specification §1.2: a label holds a ring of uberblocks in its second half, of at
// least 1 KiB each, in the byte order of the machine that wrote it.
std::optional<Content> probe_zfs(const ProbeInput& input) {
    constexpr std::uint64_t kMagic = 0x00BAB10C;
    for (std::uint64_t at = 128U << 10U; at < 256U << 10U; at += 1024) {
        const auto magic = input.integer<std::uint64_t>(at);
        if (magic == kMagic || magic == base::byte_swap(kMagic)) {
            return Content{ContentKind::kZfs, {}, {}};
        }
    }
    return std::nullopt;
}

// Apple File System Reference, "Container": magic after the 32-byte object header.
std::optional<Content> probe_apfs(const ProbeInput& input) {
    if (!input.has(32, "NXSB"sv)) return std::nullopt;
    return Content{ContentKind::kApfs, input.uuid(72), {}};
}

// Apple TN1150: the volume header at 1024, versions 4 (HFS+) and 5 (HFSX), big-endian.
std::optional<Content> probe_hfs_plus(const ProbeInput& input) {
    if (!input.has(1024, "H+\0\4"sv) && !input.has(1024, "HX\0\5"sv)) return std::nullopt;
    return Content{ContentKind::kHfsPlus, {}, {}};
}

}  // namespace vmsecurity::disk
