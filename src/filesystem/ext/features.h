#pragma once

#include "base/result.h"
#include "filesystem/ext/library.h"

namespace vmsecurity::filesystem::ext {

// kUnsupported, with names, if the superblock has incompatible features that libext2fs cannot read.
base::Result<void> check_features(const ext2_super_block& raw);

}  // namespace vmsecurity::filesystem::ext
