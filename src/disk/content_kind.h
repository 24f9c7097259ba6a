#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

// What a partition or a whole disk holds, by its magic numbers.
enum class ContentKind {
    kUnknown,  // data, but none that we know
    kEmpty,    // nothing but zeros where any known format would have its header
    kExt,      // ext2, ext3, ext4
    kXfs,
    kBtrfs,
    kF2fs,
    kFat,
    kExfat,
    kNtfs,
    kIso9660,
    kSquashfs,
    kErofs,
    kZfs,
    kApfs,
    kHfsPlus,
    kReiserfs,
    kJfs,
    kSwap,
    kLuks,
    kBitlocker,
    kLvm2Member,
    kMdRaidMember,
};
std::string_view to_string(ContentKind kind);  // "ext", "xfs", "LUKS (encrypted)", ...

struct Content {
    ContentKind kind = ContentKind::kUnknown;
    std::string uuid;   // of the file system, if the format has one
    std::string label;  // may hold any bytes
};

// Reads at most a few hundred KiB of the source. A source too short for a format just does not have
// it.
base::Result<Content> identify_content(const BlockSource& source);

}  // namespace vmsecurity::disk
