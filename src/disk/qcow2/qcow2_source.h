#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "disk/block_cache.h"
#include "disk/block_source.h"
#include "disk/qcow2/header.h"

namespace vmsecurity::disk::qcow2 {

// The caches of a whole chain, so that its length does not multiply the memory.
struct Caches {
    std::shared_ptr<BlockCache> tables;    // slices of L2 tables
    std::shared_ptr<BlockCache> clusters;  // unpacked clusters
};
Caches make_caches();

// The guest's view of one image. `backing` may be null, or shorter or longer than the image: what
// is past its end reads as zeros. `layer` is the image's place in the chain, below 256.
base::Result<BlockSourcePtr> make_source(BlockSourcePtr file, const Header& header,
                                         std::string name, BlockSourcePtr backing, Caches caches,
                                         unsigned layer);

}  // namespace vmsecurity::disk::qcow2
