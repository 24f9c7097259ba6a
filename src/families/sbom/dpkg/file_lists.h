#pragma once

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom::dpkg {

// var/lib/dpkg/info/NAME.list and NAME:ARCH.list: one absolute path a line.
void read_file_list(const scan::File& file, scan::Sink& sink);

// var/lib/dpkg/status.d/NAME.md5sums: "md5  path" a line, the path relative to the root.
void read_md5sums(const scan::File& file, scan::Sink& sink);

}  // namespace vmsecurity::families::sbom::dpkg
