#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "disk/block_cache.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

struct CacheOptions {
    std::uint64_t capacity = 32U << 20U;    // bytes kept
    std::uint32_t block_size = 64U << 10U;  // bytes; what one fetch asks of the source
    // A read of this many bytes or more takes what the cache has and fetches each run that is
    // missing in one go, without keeping it: contents of large files are read once, and would
    // push out the metadata that is read again and again.
    std::uint64_t direct_from = 512U << 10U;
};

struct CacheCounters {
    std::uint64_t bytes_fetched = 0;  // from the source
    std::uint64_t hits = 0;           // blocks
    std::uint64_t misses = 0;
};

// Fetches each block of a slow source once, as long as it stays in the cache. For a local raw file
// the kernel's page cache does the same for less.
class CachedSource final : public BlockSource {
  public:
    CachedSource(BlockSourcePtr source, CacheOptions options);

    std::uint64_t size() const override { return source_->size(); }
    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override;
    base::Result<std::vector<ByteRange>> allocated(ByteRange within) const override {
        return source_->allocated(within);
    }
    CacheCounters counters() const;

  private:
    base::Result<void> fetch(std::uint64_t offset, base::MutableByteSpan out) const;
    base::Result<void> read_through(std::uint64_t offset, base::MutableByteSpan out) const;
    base::Result<void> read_direct(std::uint64_t offset, base::MutableByteSpan out) const;

    BlockSourcePtr source_;
    CacheOptions options_;
    mutable BlockCache cache_;
    mutable std::atomic<std::uint64_t> bytes_fetched_ = 0;
};

std::shared_ptr<const CachedSource> make_cached_source(BlockSourcePtr source,
                                                       CacheOptions options = {});

}  // namespace vmsecurity::disk
