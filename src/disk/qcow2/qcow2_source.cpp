#include "disk/qcow2/qcow2_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "disk/qcow2/cluster_map.h"
#include "disk/qcow2/decompress.h"
#include "disk/range_check.h"

namespace vmsecurity::disk::qcow2 {
namespace {

using base::ErrorCode;

constexpr std::uint64_t kTableCacheBytes = 8U << 20U;
constexpr std::size_t kLargestSlice = 16U << 10U;
constexpr std::uint64_t kClusterCacheBytes = 16U << 20U;
constexpr std::size_t kLargestCluster = 2U << 20U;

// Bounds of allocated(): a forged image describes more than anyone wants to wait for.
constexpr std::size_t kMaxRanges = 1U << 20U;
constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 31U;

void append(std::vector<ByteRange>& ranges, ByteRange range) {
    if (!ranges.empty() && ranges.back().end() == range.offset) {
        ranges.back().length += range.length;
    } else if (range.length > 0) {
        ranges.push_back(range);
    }
}

class Source final : public BlockSource {
  public:
    Source(BlockSourcePtr file, ClusterMap map, BlockSourcePtr backing,
           std::shared_ptr<BlockCache> clusters, unsigned layer)
        : file_(std::move(file)),
          map_(std::move(map)),
          backing_(std::move(backing)),
          clusters_(std::move(clusters)),
          layer_(layer) {}

    std::uint64_t size() const override { return map_.header().size; }

    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override {
        VMSECURITY_TRY(check_range(*this, offset, out.size()));
        while (!out.empty()) {
            VMSECURITY_ASSIGN(const Extent extent, map_.extent_at(offset, out.size()));
            const base::MutableByteSpan part = out.first(extent.length);
            switch (extent.kind) {
                case ExtentKind::kData:
                    VMSECURITY_TRY(read_data(extent, offset, part));
                    break;
                case ExtentKind::kZero:
                    std::ranges::fill(part, std::byte{0});
                    break;
                case ExtentKind::kBacking:
                    VMSECURITY_TRY(read_backing(offset, part));
                    break;
                case ExtentKind::kCompressed:
                    VMSECURITY_TRY(read_compressed(extent, offset, part));
                    break;
            }
            out = out.subspan(extent.length);
            offset += extent.length;
        }
        return {};
    }

    base::Result<std::vector<ByteRange>> allocated(ByteRange within) const override {
        const ByteRange cut = cut_to_size(within, size());
        const std::uint64_t tables = map_.table_count(cut);
        const Header& header = map_.header();
        // Each table has a cluster of its own, so that many cannot be.
        if (tables > file_->size() / header.cluster_size()) {
            return fail(ErrorCode::kCorrupt, header.l1_offset,
                        "several L1 entries share one L2 table");
        }
        if (tables > kMaxEntries / header.l2_entries()) {
            return fail(ErrorCode::kLimitExceeded, header.l1_offset,
                        "the image has too many clusters to list");
        }
        std::vector<ByteRange> ranges;
        std::uint64_t offset = cut.offset;
        while (offset < cut.end()) {
            VMSECURITY_ASSIGN(const Extent extent, map_.extent_at(offset, cut.end() - offset));
            if (extent.kind == ExtentKind::kBacking) {
                VMSECURITY_TRY(append_backing(ranges, {offset, extent.length}));
            } else if (extent.kind != ExtentKind::kZero) {
                append(ranges, {offset, extent.length});
            }
            offset += extent.length;
            if (ranges.size() > kMaxRanges) {
                append(ranges, {offset, cut.end() - offset});  // the rest counts as data
                break;
            }
        }
        return ranges;
    }

  private:
    tl::unexpected<base::Error> fail(ErrorCode code, std::uint64_t host, std::string message,
                                     std::string cause = {}) const {
        return base::fail(code, std::move(message),
                          fmt::format("{}, offset {}", base::escape_bytes(map_.name()), host),
                          std::move(cause));
    }

    base::Result<void> read_data(const Extent& extent, std::uint64_t offset,
                                 base::MutableByteSpan out) const {
        if (extent.host > file_->size() || out.size() > file_->size() - extent.host) {
            return fail(ErrorCode::kTruncated, extent.host,
                        fmt::format("the data of disk offset {} lies past the end of the file, "
                                    "which has {} bytes",
                                    offset, file_->size()));
        }
        return file_->read(extent.host, out);
    }

    base::Result<void> read_backing(std::uint64_t offset, base::MutableByteSpan out) const {
        const std::uint64_t size = backing_ ? backing_->size() : 0;
        const std::size_t present = offset >= size ? 0 : std::min(out.size(), size - offset);
        std::ranges::fill(out.subspan(present), std::byte{0});
        if (present == 0) return {};
        return backing_->read(offset, out.first(present));
    }

    base::Result<void> append_backing(std::vector<ByteRange>& ranges, ByteRange range) const {
        if (!backing_ || range.offset >= backing_->size()) return {};
        VMSECURITY_ASSIGN(const auto below, backing_->allocated(range));
        for (const ByteRange& part : below) append(ranges, part);
        return {};
    }

    base::Result<void> unpack(const Extent& extent, base::MutableByteSpan out) const {
        // Not zeroed first, as a vector would be. NOLINTNEXTLINE(*-avoid-c-arrays)
        const auto packed = std::make_unique_for_overwrite<std::byte[]>(extent.compressed_size);
        const base::MutableByteSpan bytes(packed.get(), extent.compressed_size);
        VMSECURITY_TRY(file_->read(extent.host, bytes));
        auto unpacked = decompress(map_.header().compression, bytes, out);
        if (unpacked) return {};
        return fail(unpacked.error().code, extent.host, unpacked.error().message,
                    unpacked.error().cause);
    }

    base::Result<void> read_compressed(const Extent& extent, std::uint64_t offset,
                                       base::MutableByteSpan out) const {
        const std::uint64_t cluster_size = map_.header().cluster_size();
        // The layers of a chain share the cache; a packed cluster lies below 2^56 (ClusterMap).
        const std::uint64_t key = (std::uint64_t{layer_} << 56U) | extent.host;
        CachedBlock block;
        if (out.size() == cluster_size) {
            // A whole cluster goes straight to where it is wanted; who reads so reads it once.
            block = clusters_->find(key);
            if (!block) return unpack(extent, out);
        } else {
            VMSECURITY_ASSIGN(block,
                              clusters_->get(key, cluster_size, [&](base::MutableByteSpan bytes) {
                                  return unpack(extent, bytes);
                              }));
        }
        std::memcpy(out.data(), block->data() + offset % cluster_size, out.size());
        return {};
    }

    BlockSourcePtr file_;
    ClusterMap map_;
    BlockSourcePtr backing_;
    std::shared_ptr<BlockCache> clusters_;
    unsigned layer_;
};

}  // namespace

Caches make_caches() {
    return {std::make_shared<BlockCache>(kTableCacheBytes, kLargestSlice),
            std::make_shared<BlockCache>(kClusterCacheBytes, kLargestCluster)};
}

base::Result<BlockSourcePtr> make_source(BlockSourcePtr file, const Header& header,
                                         std::string name, BlockSourcePtr backing, Caches caches,
                                         unsigned layer) {
    VMSECURITY_ASSIGN(ClusterMap map, ClusterMap::load(file, header, std::move(name),
                                                       std::move(caches.tables), layer));
    return std::make_shared<Source>(std::move(file), std::move(map), std::move(backing),
                                    std::move(caches.clusters), layer);
}

}  // namespace vmsecurity::disk::qcow2
