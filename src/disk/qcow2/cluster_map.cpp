#include "disk/qcow2/cluster_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace vmsecurity::disk::qcow2 {
namespace {

using base::ErrorCode;

constexpr std::uint64_t kOffsetMask = 0x00FFFFFFFFFFFE00;  // bits 9 to 55 of L1 and L2 entries
constexpr std::uint64_t kCompressedFlag = std::uint64_t{1} << 62U;
constexpr std::uint64_t kZeroFlag = 1;
constexpr std::uint64_t kSubclusters = 32;

// L2 tables are cached in pieces: with clusters of 64 KiB one covers 128 MiB of the disk.
constexpr std::uint64_t kMaxSliceSize = 16U << 10U;

// Offsets in a file are below 2^56, so the bits above can tell the layers of a chain apart.
constexpr unsigned kLayerShift = 56;

tl::unexpected<base::Error> fail(ErrorCode code, const std::string& name, std::uint64_t offset,
                                 std::string message) {
    return base::fail(code, std::move(message),
                      fmt::format("{}, offset {}", base::escape_bytes(name), offset));
}

}  // namespace

ClusterMap::ClusterMap(BlockSourcePtr file, const Header& header, std::string name,
                       std::shared_ptr<BlockCache> tables, unsigned layer)
    : file_(std::move(file)),
      header_(header),
      name_(std::move(name)),
      tables_(std::move(tables)),
      layer_key_(std::uint64_t{layer} << kLayerShift),
      units_per_cluster_(header.extended_l2 ? kSubclusters : 1),
      unit_size_(header.cluster_size() / units_per_cluster_),
      slice_size_(std::min(header.cluster_size(), kMaxSliceSize)) {}

base::Result<ClusterMap> ClusterMap::load(BlockSourcePtr file, const Header& header,
                                          std::string name, std::shared_ptr<BlockCache> tables,
                                          unsigned layer) {
    if (file->size() >> kLayerShift != 0) {
        return fail(ErrorCode::kLimitExceeded, name, 0, "a qcow2 file cannot be this large");
    }
    ClusterMap map(std::move(file), header, std::move(name), std::move(tables), layer);
    map.l1_.resize(header.l1_entries);
    VMSECURITY_TRY(map.file_->read(header.l1_offset, std::as_writable_bytes(std::span(map.l1_))));
    for (std::size_t i = 0; i < map.l1_.size(); ++i) {
        std::uint64_t& entry = map.l1_[i];
        entry =
            base::load_be<std::uint64_t>(std::as_bytes(std::span(map.l1_)), i * 8) & kOffsetMask;
        if (entry % header.cluster_size() != 0) {
            return fail(ErrorCode::kCorrupt, map.name_, header.l1_offset + i * 8,
                        "an L2 table is not aligned to a cluster");
        }
    }
    return map;
}

base::Result<CachedBlock> ClusterMap::slice_at(std::uint64_t offset) const {
    return tables_->get(layer_key_ | offset, slice_size_,
                        [&](base::MutableByteSpan out) -> base::Result<void> {
                            if (offset + slice_size_ > file_->size()) {
                                return fail(ErrorCode::kTruncated, name_, offset,
                                            fmt::format("an L2 table lies past the end of the "
                                                        "file, which has {} bytes",
                                                        file_->size()));
                            }
                            return file_->read(offset, out);
                        });
}

base::Result<Extent> ClusterMap::compressed(std::uint64_t entry, std::uint64_t entry_offset) const {
    // The low bits are the place, the bits above them the number of further 512-byte sectors.
    const unsigned sector_bits = header_.cluster_bits - 8;
    const unsigned place_bits = 62 - sector_bits;
    const std::uint64_t host = entry & ((std::uint64_t{1} << place_bits) - 1);
    const std::uint64_t sectors = (entry >> place_bits) & ((std::uint64_t{1} << sector_bits) - 1);
    if (host >= file_->size()) {
        return fail(ErrorCode::kTruncated, name_, entry_offset,
                    fmt::format("a compressed cluster at offset {} lies past the end of the file, "
                                "which has {} bytes",
                                host, file_->size()));
    }
    // The last cluster of a file need not fill its last sector.
    const std::uint64_t size = std::min((sectors + 1) * 512 - host % 512, file_->size() - host);
    return Extent{ExtentKind::kCompressed, header_.cluster_size(), host, size};
}

base::Result<Extent> ClusterMap::unit(const std::vector<std::byte>& slice,
                                      std::uint64_t slice_offset, std::uint64_t index) const {
    const std::size_t at = index / units_per_cluster_ * header_.l2_entry_size();
    const auto entry = base::load_be<std::uint64_t>(slice, at);
    if ((entry & kCompressedFlag) != 0) return compressed(entry, slice_offset + at);

    const std::uint64_t host = entry & kOffsetMask;
    if (host % header_.cluster_size() != 0) {
        return fail(ErrorCode::kCorrupt, name_, slice_offset + at,
                    "a data cluster is not aligned to a cluster");
    }
    bool zero = (entry & kZeroFlag) != 0;
    bool data = host != 0;
    std::uint64_t inside = 0;
    if (header_.extended_l2) {
        const std::uint64_t subcluster = index % units_per_cluster_;
        const auto bitmap = base::load_be<std::uint64_t>(slice, at + 8);
        data = ((bitmap >> subcluster) & 1U) != 0;
        zero = ((bitmap >> (subcluster + kSubclusters)) & 1U) != 0;
        inside = subcluster * unit_size_;
        if (data && (zero || host == 0)) {
            return fail(ErrorCode::kCorrupt, name_, slice_offset + at,
                        "a subcluster is both zero and allocated, or allocated nowhere");
        }
    } else if (zero && header_.version < 3) {
        return fail(ErrorCode::kCorrupt, name_, slice_offset + at,
                    "a zero cluster in an image of version 2");
    }
    if (zero) return Extent{ExtentKind::kZero, unit_size_, 0, 0};
    if (!data) return Extent{ExtentKind::kBacking, unit_size_, 0, 0};
    return Extent{ExtentKind::kData, unit_size_, host + inside, 0};
}

base::Result<Extent> ClusterMap::extent_at(std::uint64_t offset, std::uint64_t length) const {
    const std::uint64_t in_table = offset % header_.l1_reach();
    const std::uint64_t table = l1_[offset / header_.l1_reach()];
    if (table == 0) {
        return Extent{ExtentKind::kBacking, std::min(length, header_.l1_reach() - in_table), 0, 0};
    }

    const std::uint64_t entries_per_slice = slice_size_ / header_.l2_entry_size();
    const std::uint64_t units_per_slice = entries_per_slice * units_per_cluster_;
    const std::uint64_t first_unit = in_table / unit_size_;
    const std::uint64_t slice_offset = table + first_unit / units_per_slice * slice_size_;
    VMSECURITY_ASSIGN(const CachedBlock slice, slice_at(slice_offset));

    std::uint64_t index = first_unit % units_per_slice;
    VMSECURITY_ASSIGN(Extent extent, unit(*slice, slice_offset, index));
    if (extent.kind == ExtentKind::kCompressed) {
        extent.length = std::min(length, header_.cluster_size() - offset % header_.cluster_size());
        return extent;
    }
    const std::uint64_t inside = offset % unit_size_;
    extent.host += extent.kind == ExtentKind::kData ? inside : 0;
    extent.length = unit_size_ - inside;
    while (extent.length < length && ++index < units_per_slice) {
        const auto next = unit(*slice, slice_offset, index);
        // Damage further on is for the read that needs that place.
        if (!next || next->kind != extent.kind) break;
        if (extent.kind == ExtentKind::kData && next->host != extent.host + extent.length) break;
        extent.length += unit_size_;
    }
    extent.length = std::min(extent.length, length);
    return extent;
}

std::uint64_t ClusterMap::table_count(ByteRange range) const {
    if (range.length == 0) return 0;
    const auto first = static_cast<std::ptrdiff_t>(range.offset / header_.l1_reach());
    const auto last = static_cast<std::ptrdiff_t>((range.end() - 1) / header_.l1_reach());
    return static_cast<std::uint64_t>(std::count_if(l1_.begin() + first, l1_.begin() + last + 1,
                                                    [](auto table) { return table != 0; }));
}

}  // namespace vmsecurity::disk::qcow2
