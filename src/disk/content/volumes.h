#pragma once

#include "disk/content/probe.h"

namespace vmsecurity::disk {

// Layers between a partition and a file system.
std::optional<Content> probe_md_raid(const ProbeInput& input);
std::optional<Content> probe_luks(const ProbeInput& input);
std::optional<Content> probe_bitlocker(const ProbeInput& input);
std::optional<Content> probe_lvm2(const ProbeInput& input);

}  // namespace vmsecurity::disk
