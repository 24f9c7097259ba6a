#pragma once

#include <string_view>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::dpkg {

// Emits a package record for each installed package of var/lib/dpkg/status, and how many they are.
void read_status(const scan::File& file, scan::Sink& sink);

// The same for one file of var/lib/dpkg/status.d (distroless images), where a paragraph without
// Status is an installed package.
void read_status_fragment(const scan::File& file, scan::Sink& sink);

// Emits what one file of dpkg's journal (var/lib/dpkg/updates) says of its packages.
void read_journal(const scan::File& file, scan::Sink& sink);

}  // namespace vmsecurity::families::sbom::dpkg
