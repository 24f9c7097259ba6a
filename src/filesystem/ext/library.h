#pragma once

// libext2fs has C headers that our warnings do not like; they are included here and only here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>
#pragma GCC diagnostic pop

#include <bit>

namespace vmsecurity::filesystem::ext {

// The superblock is examined in place before libext2fs, which would swap it, gets to see it.
static_assert(std::endian::native == std::endian::little, "ext needs a little-endian host");

}  // namespace vmsecurity::filesystem::ext
