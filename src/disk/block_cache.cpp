#include "disk/block_cache.h"

#include <algorithm>
#include <utility>

namespace vmsecurity::disk {
namespace {

// Enough for the I/O threads of a scan; a shard should still hold several blocks.
constexpr std::uint64_t kMaxShards = 16;
constexpr std::uint64_t kMinBlocksPerShard = 4;

}  // namespace

BlockCache::BlockCache(std::uint64_t capacity, std::size_t largest_block)
    : shards_(std::clamp<std::uint64_t>(
          capacity / (std::max<std::uint64_t>(largest_block, 1) * kMinBlocksPerShard), 1,
          kMaxShards)),
      shard_capacity_(capacity / shards_.size()) {}

BlockCache::Shard& BlockCache::shard_of(std::uint64_t key) {
    // Keys are multiples of a block size: mix the high bits in (the golden ratio's multiplier).
    return shards_[((key * 0x9E3779B97F4A7C15U) >> 32U) % shards_.size()];
}

CachedBlock BlockCache::touch(Shard& shard, std::uint64_t key) {
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return nullptr;
    shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
    ++shard.counters.hits;
    return found->second->block;
}

CachedBlock BlockCache::find(std::uint64_t key) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    return touch(shard, key);
}

CachedBlock BlockCache::find_or_claim(std::uint64_t key) {
    Shard& shard = shard_of(key);
    std::unique_lock lock(shard.mutex);
    for (;;) {
        if (CachedBlock block = touch(shard, key)) return block;
        if (shard.loading.insert(key).second) {
            ++shard.counters.misses;
            return nullptr;
        }
        shard.loaded.wait(lock, [&] { return !shard.loading.contains(key); });
    }
}

void BlockCache::settle(std::uint64_t key, CachedBlock block) {
    Shard& shard = shard_of(key);
    std::list<Entry> dropped;  // freed outside the lock
    {
        const std::lock_guard lock(shard.mutex);
        shard.loading.erase(key);
        if (block && block->size() <= shard_capacity_) {
            shard.bytes += block->size();
            shard.recent.push_front({key, std::move(block)});
            shard.index[key] = shard.recent.begin();
            while (shard.bytes > shard_capacity_) {
                const auto oldest = std::prev(shard.recent.end());
                shard.bytes -= oldest->block->size();
                shard.index.erase(oldest->key);
                dropped.splice(dropped.begin(), shard.recent, oldest);
            }
        }
    }
    shard.loaded.notify_all();
}

BlockCache::Counters BlockCache::counters() const {
    Counters sum;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        sum.hits += shard.counters.hits;
        sum.misses += shard.counters.misses;
    }
    return sum;
}

}  // namespace vmsecurity::disk
