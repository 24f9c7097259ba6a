#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vmsecurity::disk {

// Bytes that several readers may hold at once; they live on after the cache dropped them.
using CachedBlock = std::shared_ptr<const std::vector<std::byte>>;

// A bounded cache of blocks for many threads. Threads that miss the same block at once wait for one
// of them to load it. Split into shards, each with its own lock and its own least recently used
// block to drop.
class BlockCache {
  public:
    struct Counters {
        std::uint64_t hits = 0;    // found, or loaded by another thread meanwhile
        std::uint64_t misses = 0;  // loaded, or tried to
    };

    // Holds at most `capacity` bytes, beside the blocks that are being loaded or that a reader
    // still holds. A block is at most `largest_block` bytes, which decides the number of shards.
    BlockCache(std::uint64_t capacity, std::size_t largest_block);

    // The block if it is here.
    CachedBlock find(std::uint64_t key);

    // The block `key`, of `size` bytes, filled by `load(MutableByteSpan) -> Result<void>` if it is
    // not here. An error of `load` is given to this caller alone; another one tries again.
    template <typename Load>
    base::Result<CachedBlock> get(std::uint64_t key, std::size_t size, Load&& load) {
        if (CachedBlock present = find_or_claim(key)) return present;
        Claim claim(*this, key);
        auto block = std::make_shared<std::vector<std::byte>>(size);
        VMSECURITY_TRY(load(base::MutableByteSpan(*block)));
        claim.publish(block);
        return block;
    }

    Counters counters() const;

  private:
    struct Entry {
        std::uint64_t key;
        CachedBlock block;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::condition_variable loaded;
        std::list<Entry> recent;  // the most recently used first
        std::unordered_map<std::uint64_t, std::list<Entry>::iterator> index;
        std::unordered_set<std::uint64_t> loading;
        std::uint64_t bytes = 0;
        Counters counters;
    };
    // The duty to load a block; ends the wait of others however the loading ends.
    class Claim {
      public:
        Claim(BlockCache& cache, std::uint64_t key) : cache_(cache), key_(key) {}
        ~Claim() { cache_.settle(key_, std::move(block_)); }
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;
        void publish(CachedBlock block) { block_ = std::move(block); }

      private:
        BlockCache& cache_;
        std::uint64_t key_;
        CachedBlock block_;
    };

    Shard& shard_of(std::uint64_t key);
    static CachedBlock touch(Shard& shard, std::uint64_t key);
    CachedBlock find_or_claim(std::uint64_t key);
    void settle(std::uint64_t key, CachedBlock block);

    std::vector<Shard> shards_;
    std::uint64_t shard_capacity_;
};

}  // namespace vmsecurity::disk
