#include "filesystem/ext/block_map.h"

#include "filesystem/ext/extent_map.h"
#include "filesystem/ext/indirect_map.h"

namespace vmsecurity::filesystem::ext {

std::unique_ptr<BlockMap> make_block_map(const Handle& handle, const Inode& inode) {
    if (inode.has(EXT4_EXTENTS_FL)) return std::make_unique<ExtentMap>(handle, inode);
    return std::make_unique<IndirectMap>(handle, inode);
}

}  // namespace vmsecurity::filesystem::ext
