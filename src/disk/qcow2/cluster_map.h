#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "disk/block_cache.h"
#include "disk/block_source.h"
#include "disk/qcow2/header.h"

namespace vmsecurity::disk::qcow2 {

enum class ExtentKind : std::uint8_t {
    kData,        // in this file, as it is
    kZero,        // reads as zeros
    kBacking,     // not here: in the backing file, or zeros without one
    kCompressed,  // one compressed cluster, or a part of it
};

// A run of the guest's disk that is stored in one way.
struct Extent {
    ExtentKind kind = ExtentKind::kBacking;
    std::uint64_t length = 0;           // bytes of the guest's disk
    std::uint64_t host = 0;             // kData: its first byte; kCompressed: the packed cluster
    std::uint64_t compressed_size = 0;  // kCompressed: an upper bound, by whole sectors
};

// Where each byte of the guest's disk is: the L1 table, held, and the L2 tables, cached in slices.
class ClusterMap {
  public:
    // `layer` tells the images of a chain apart in the cache that they share.
    static base::Result<ClusterMap> load(BlockSourcePtr file, const Header& header,
                                         std::string name, std::shared_ptr<BlockCache> tables,
                                         unsigned layer);

    // The extent that begins at `offset`, at most `length` bytes long. Both lie inside the disk.
    base::Result<Extent> extent_at(std::uint64_t offset, std::uint64_t length) const;

    // The number of L2 tables behind a range. More than the file has clusters: a forgery.
    std::uint64_t table_count(ByteRange range) const;

    const Header& header() const { return header_; }
    const std::string& name() const { return name_; }

  private:
    ClusterMap(BlockSourcePtr file, const Header& header, std::string name,
               std::shared_ptr<BlockCache> tables, unsigned layer);
    base::Result<CachedBlock> slice_at(std::uint64_t offset) const;
    // The whole unit (cluster, or subcluster with extended L2) that a place in a slice describes.
    base::Result<Extent> unit(const std::vector<std::byte>& slice, std::uint64_t slice_offset,
                              std::uint64_t index) const;
    base::Result<Extent> compressed(std::uint64_t entry, std::uint64_t entry_offset) const;

    BlockSourcePtr file_;
    Header header_;
    std::string name_;
    std::shared_ptr<BlockCache> tables_;
    std::uint64_t layer_key_;
    std::uint64_t units_per_cluster_;
    std::uint64_t unit_size_;
    std::uint64_t slice_size_;
    std::vector<std::uint64_t> l1_;  // offsets of L2 tables in the file, 0: none
};

}  // namespace vmsecurity::disk::qcow2
