#include "filesystem/ext/block_cache.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace vmsecurity::filesystem::ext {

using base::ErrorCode;
using base::fail;
using base::MutableByteSpan;
using base::Result;

BlockCache::BlockCache(disk::BlockSourcePtr source, Limits limits)
    : source_(std::move(source)),
      page_size_(limits.page),
      pages_per_shard_(std::max<std::size_t>(2, limits.capacity / limits.page / kShards)) {}

Result<void> BlockCache::read(std::uint64_t offset, MutableByteSpan out) {
    const std::uint64_t size = source_->size();
    if (offset > size || out.size() > size - offset) {
        return fail(ErrorCode::kTruncated, "the disk ends before the data that it should hold",
                    "offset " + std::to_string(offset));
    }
    while (!out.empty()) {
        const auto from = static_cast<std::size_t>(offset % page_size_);
        const std::size_t count = std::min(out.size(), page_size_ - from);
        VMSECURITY_TRY(read_page(offset / page_size_, from, out.first(count)));
        out = out.subspan(count);
        offset += count;
    }
    return {};
}

std::list<BlockCache::Page>::iterator BlockCache::make_room(Shard& shard,
                                                            std::uint64_t index) const {
    if (shard.pages.size() >= pages_per_shard_) {
        // The oldest page's memory serves the new one. Pages being loaded are in other hands; if
        // all are, the shard grows by one page for each waiting thread.
        for (auto page = std::prev(shard.pages.end());; --page) {
            if (page->loaded) {
                shard.by_index.erase(page->index);
                shard.pages.splice(shard.pages.begin(), shard.pages, page);
                break;
            }
            if (page == shard.pages.begin()) {
                shard.pages.emplace_front();
                break;
            }
        }
    } else {
        shard.pages.emplace_front();
    }
    const auto page = shard.pages.begin();
    page->index = index;
    page->loaded = false;
    shard.by_index[index] = page;
    return page;
}

Result<void> BlockCache::read_page(std::uint64_t index, std::size_t from, MutableByteSpan out) {
    Shard& shard = shards_[index % kShards];
    std::unique_lock lock(shard.mutex);
    for (auto found = shard.by_index.find(index); found != shard.by_index.end();
         found = shard.by_index.find(index)) {
        const auto page = found->second;
        if (page->loaded) {
            shard.pages.splice(shard.pages.begin(), shard.pages, page);
            std::memcpy(out.data(), page->bytes.data() + from, out.size());
            return {};
        }
        shard.changed.wait(lock);
    }

    const auto page = make_room(shard, index);
    lock.unlock();
    const std::uint64_t begin = index * page_size_;
    page->bytes.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(page_size_, source_->size() - begin)));
    const Result<void> loaded = source_->read(begin, page->bytes);
    lock.lock();
    if (loaded) {
        page->loaded = true;
        std::memcpy(out.data(), page->bytes.data() + from, out.size());
    } else {
        shard.by_index.erase(index);
        shard.pages.erase(page);
    }
    shard.changed.notify_all();
    lock.unlock();
    if (loaded) return {};
    // What was asked for may be readable although its neighbours are not.
    return source_->read(begin + from, out);
}

}  // namespace vmsecurity::filesystem::ext
