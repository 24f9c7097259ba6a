#pragma once

#include "disk/content/probe.h"

namespace vmsecurity::disk {

// True for the boot sector of FAT, exFAT or NTFS. At least 512 bytes are given.
bool is_dos_boot_sector(base::ByteSpan sector);

std::optional<Content> probe_ntfs(const ProbeInput& input);
std::optional<Content> probe_exfat(const ProbeInput& input);
std::optional<Content> probe_fat(const ProbeInput& input);

}  // namespace vmsecurity::disk
