#include "disk/content/volumes.h"

#include <fmt/format.h>

#include <array>

namespace vmsecurity::disk {

using namespace std::string_view_literals;

// Linux include/uapi/linux/raid/md_p.h. Version 1.1 begins the device, 1.2 lies 4 KiB into it, 1.0
// 8 KiB before its end; 0.90 is the last whole block of 64 KiB.
std::optional<Content> probe_md_raid(const ProbeInput& input) {
    constexpr std::uint32_t kMagic = 0xA92B4EFC;
    constexpr std::uint64_t kOldBlock = 64U << 10U;
    std::vector<std::uint64_t> places = {4096, 0};
    if (input.size() >= 8192) places.push_back((input.size() / 512 - 16) / 8 * 8 * 512);
    for (const std::uint64_t place : places) {
        if (input.integer<std::uint32_t>(place) == kMagic &&
            input.integer<std::uint32_t>(place + 4) == 1) {
            return Content{ContentKind::kMdRaidMember, input.uuid(place + 16),
                           input.text(place + 32, 32)};
        }
    }
    if (input.size() < 2 * kOldBlock) return std::nullopt;
    const std::uint64_t old = input.size() / kOldBlock * kOldBlock - kOldBlock;
    const auto magic = input.integer<std::uint32_t>(old);
    // 0.90 is in the byte order of the machine that wrote it.
    if (magic == kMagic || magic == base::byte_swap(kMagic)) {
        return Content{ContentKind::kMdRaidMember, {}, {}};
    }
    return std::nullopt;
}

// LUKS1 On-Disk Format 1.2.3 and LUKS2 1.1.1: magic, version (big-endian), and at 168 the UUID as
// text. The label is LUKS2's.
std::optional<Content> probe_luks(const ProbeInput& input) {
    if (!input.has(0, "LUKS\xba\xbe"sv)) return std::nullopt;
    const bool second = input.has(6, "\0\2"sv);
    return Content{ContentKind::kLuks, input.text(168, 40),
                   second ? input.text(24, 48) : std::string()};
}

std::optional<Content> probe_bitlocker(const ProbeInput& input) {
    // BitLocker To Go looks like a FAT and carries this GUID instead.
    constexpr auto kToGo = "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01"sv;
    if (!input.has(3, "-FVE-FS-"sv) && !input.has(424, kToGo)) return std::nullopt;
    return Content{ContentKind::kBitlocker, {}, {}};
}

// The label of a physical volume is in one of the first four sectors; its header, at an offset that
// the label states, begins with the UUID in 32 characters, shown in groups.
std::optional<Content> probe_lvm2(const ProbeInput& input) {
    for (std::uint64_t label = 0; label < 4 * 512; label += 512) {
        if (!input.has(label, "LABELONE"sv) || !input.has(label + 24, "LVM2 001"sv)) continue;
        Content content{ContentKind::kLvm2Member, {}, {}};
        const std::string id = input.text(label + input.integer<std::uint32_t>(label + 20), 32);
        static constexpr std::array<std::size_t, 7> kGroups = {6, 4, 4, 4, 4, 4, 6};
        std::size_t at = 0;
        for (const std::size_t group : kGroups) {
            if (id.size() < 32) break;
            if (at > 0) content.uuid += '-';
            content.uuid += id.substr(at, group);
            at += group;
        }
        return content;
    }
    return std::nullopt;
}

}  // namespace vmsecurity::disk
