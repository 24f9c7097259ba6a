#pragma once

#include "disk/content/probe.h"

namespace vmsecurity::disk {

std::optional<Content> probe_iso9660(const ProbeInput& input);
std::optional<Content> probe_zfs(const ProbeInput& input);
std::optional<Content> probe_apfs(const ProbeInput& input);
std::optional<Content> probe_hfs_plus(const ProbeInput& input);

}  // namespace vmsecurity::disk
