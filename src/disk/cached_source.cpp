#include "disk/cached_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "disk/range_check.h"

namespace vmsecurity::disk {

CachedSource::CachedSource(BlockSourcePtr source, CacheOptions options)
    : source_(std::move(source)), options_(options), cache_(options.capacity, options.block_size) {}

base::Result<void> CachedSource::read(std::uint64_t offset, base::MutableByteSpan out) const {
    VMSECURITY_TRY(check_range(*this, offset, out.size()));
    return out.size() >= options_.direct_from ? read_direct(offset, out)
                                              : read_through(offset, out);
}

base::Result<void> CachedSource::fetch(std::uint64_t offset, base::MutableByteSpan out) const {
    bytes_fetched_.fetch_add(out.size(), std::memory_order_relaxed);
    return source_->read(offset, out);
}

base::Result<void> CachedSource::read_through(std::uint64_t offset,
                                              base::MutableByteSpan out) const {
    while (!out.empty()) {
        const std::uint64_t inside = offset % options_.block_size;
        const std::uint64_t start = offset - inside;
        const auto size = static_cast<std::size_t>(
            std::min<std::uint64_t>(options_.block_size, source_->size() - start));
        VMSECURITY_ASSIGN(const CachedBlock block,
                          cache_.get(start, size, [&](base::MutableByteSpan bytes) {
                              return fetch(start, bytes);
                          }));
        const std::size_t count = std::min(out.size(), size - inside);
        std::memcpy(out.data(), block->data() + inside, count);
        out = out.subspan(count);
        offset += count;
    }
    return {};
}

base::Result<void> CachedSource::read_direct(std::uint64_t offset,
                                             base::MutableByteSpan out) const {
    std::size_t done = 0;     // bytes of `out` looked at
    std::size_t missing = 0;  // of these, the last ones that still have to be fetched
    const auto fetch_missing = [&]() -> base::Result<void> {
        if (missing == 0) return {};
        const std::size_t from = done - std::exchange(missing, 0);
        return fetch(offset + from, out.subspan(from, done - from));
    };
    while (done < out.size()) {
        const std::uint64_t inside = (offset + done) % options_.block_size;
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>(out.size() - done, options_.block_size - inside));
        if (const CachedBlock block = cache_.find(offset + done - inside)) {
            VMSECURITY_TRY(fetch_missing());
            std::memcpy(out.data() + done, block->data() + inside, count);
        } else {
            missing += count;
        }
        done += count;
    }
    return fetch_missing();
}

CacheCounters CachedSource::counters() const {
    const BlockCache::Counters counters = cache_.counters();
    return {bytes_fetched_.load(std::memory_order_relaxed), counters.hits, counters.misses};
}

std::shared_ptr<const CachedSource> make_cached_source(BlockSourcePtr source,
                                                       CacheOptions options) {
    return std::make_shared<const CachedSource>(std::move(source), options);
}

}  // namespace vmsecurity::disk
