#pragma once

#include <string>

#include "base/result.h"
#include "disk/block_source.h"
#include "disk/disk_image.h"

namespace vmsecurity::disk {

// Tells the format by its magic number; what has none is raw. Containers that hold a disk but are
// not read yet (vmdk, vhd, ..., compressed files) are kUnsupported, with their name and a way to
// convert them.
base::Result<ImageFormat> detect_format(const BlockSource& file, const std::string& name);

}  // namespace vmsecurity::disk
