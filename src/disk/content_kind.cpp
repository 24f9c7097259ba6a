#include "disk/content_kind.h"

#include <array>

#include "disk/content/fat.h"
#include "disk/content/linux_file_systems.h"
#include "disk/content/other_file_systems.h"
#include "disk/content/probe.h"
#include "disk/content/volumes.h"

namespace vmsecurity::disk {
namespace {

// In this order, because what is made over something else may leave its signature: containers
// first (a mirror's member holds a file system's header too), then formats whose makers overwrite
// all older signatures, last those with the weakest magic or of which most is left behind.
constexpr std::array<Probe, 20> kProbes = {
    probe_md_raid, probe_luks,    probe_bitlocker, probe_lvm2,     probe_ext,
    probe_xfs,     probe_btrfs,   probe_f2fs,      probe_erofs,    probe_squashfs,
    probe_ntfs,    probe_exfat,   probe_apfs,      probe_hfs_plus, probe_reiserfs,
    probe_jfs,     probe_iso9660, probe_swap,      probe_fat,      probe_zfs,
};

}  // namespace

std::string_view to_string(ContentKind kind) {
    switch (kind) {
        case ContentKind::kUnknown:
            return "unknown";
        case ContentKind::kEmpty:
            return "empty";
        case ContentKind::kExt:
            return "ext";
        case ContentKind::kXfs:
            return "xfs";
        case ContentKind::kBtrfs:
            return "btrfs";
        case ContentKind::kF2fs:
            return "f2fs";
        case ContentKind::kFat:
            return "FAT";
        case ContentKind::kExfat:
            return "exFAT";
        case ContentKind::kNtfs:
            return "NTFS";
        case ContentKind::kIso9660:
            return "ISO 9660";
        case ContentKind::kSquashfs:
            return "squashfs";
        case ContentKind::kErofs:
            return "erofs";
        case ContentKind::kZfs:
            return "ZFS";
        case ContentKind::kApfs:
            return "APFS";
        case ContentKind::kHfsPlus:
            return "HFS+";
        case ContentKind::kReiserfs:
            return "reiserfs";
        case ContentKind::kJfs:
            return "JFS";
        case ContentKind::kSwap:
            return "swap";
        case ContentKind::kLuks:
            return "LUKS (encrypted)";
        case ContentKind::kBitlocker:
            return "BitLocker (encrypted)";
        case ContentKind::kLvm2Member:
            return "LVM2 physical volume";
        case ContentKind::kMdRaidMember:
            return "Linux software RAID member";
    }
    return "unknown";
}

base::Result<Content> identify_content(const BlockSource& source) {
    VMSECURITY_ASSIGN(const ProbeInput input, ProbeInput::read(source));
    for (const Probe probe : kProbes) {
        if (auto content = probe(input)) return std::move(*content);
    }
    return Content{input.all_zero() ? ContentKind::kEmpty : ContentKind::kUnknown, {}, {}};
}

}  // namespace vmsecurity::disk
