#pragma once

#include "disk/content/probe.h"

namespace vmsecurity::disk {

std::optional<Content> probe_ext(const ProbeInput& input);
std::optional<Content> probe_xfs(const ProbeInput& input);
std::optional<Content> probe_btrfs(const ProbeInput& input);
std::optional<Content> probe_f2fs(const ProbeInput& input);
std::optional<Content> probe_squashfs(const ProbeInput& input);
std::optional<Content> probe_erofs(const ProbeInput& input);
std::optional<Content> probe_reiserfs(const ProbeInput& input);
std::optional<Content> probe_jfs(const ProbeInput& input);
std::optional<Content> probe_swap(const ProbeInput& input);

}  // namespace vmsecurity::disk
