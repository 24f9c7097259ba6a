#include "disk/qcow2/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/text.h"

namespace vmsecurity::disk::qcow2 {
namespace {

using base::ErrorCode;

constexpr std::uint64_t kVersion2Length = 72;
constexpr std::uint64_t kVersion3Length = 104;
constexpr std::uint64_t kMaxHeaderLength = 512;  // the smallest cluster must hold it
constexpr std::uint64_t kMaxNameLength = 1023;
constexpr std::uint64_t kMaxFormatLength = 64;
constexpr int kMaxExtensions = 64;

// Incompatible feature bits: a reader that does not know one must refuse the image.
constexpr std::uint64_t kDirty = 1U << 0U;  // refcounts may be stale; a reader needs none
constexpr std::uint64_t kMarkedCorrupt = 1U << 1U;
constexpr std::uint64_t kExternalData = 1U << 2U;
constexpr std::uint64_t kCompressionType = 1U << 3U;
constexpr std::uint64_t kExtendedL2 = 1U << 4U;
constexpr std::uint64_t kKnownFeatures =
    kDirty | kMarkedCorrupt | kExternalData | kCompressionType | kExtendedL2;

constexpr std::uint32_t kExtensionEnd = 0;
constexpr std::uint32_t kExtensionBackingFormat = 0xE2792ACA;

class HeaderReader {
  public:
    HeaderReader(const BlockSource& file, const std::string& name) : file_(file), name_(name) {}

    base::Result<Header> read() {
        const std::uint64_t present = std::min<std::uint64_t>(file_.size(), bytes_.size());
        if (present < kVersion2Length) {
            return fail(ErrorCode::kTruncated, 0, "the file ends inside the qcow2 header");
        }
        VMSECURITY_TRY(file_.read(0, base::MutableByteSpan(bytes_).first(present)));
        if (field32(0) != kMagic) return fail(ErrorCode::kCorrupt, 0, "no qcow2 header");
        VMSECURITY_TRY(read_version());
        VMSECURITY_TRY(read_features());
        VMSECURITY_TRY(read_geometry());
        VMSECURITY_TRY(read_backing_name());
        VMSECURITY_TRY(read_extensions());
        return header_;
    }

  private:
    std::uint32_t field32(std::size_t offset) const {
        return base::load_be<std::uint32_t>(bytes_, offset);
    }
    std::uint64_t field64(std::size_t offset) const {
        return base::load_be<std::uint64_t>(bytes_, offset);
    }
    tl::unexpected<base::Error> fail(ErrorCode code, std::uint64_t offset,
                                     std::string message) const {
        return base::fail(code, std::move(message),
                          fmt::format("{}, offset {}", base::escape_bytes(name_), offset));
    }

    base::Result<void> read_version() {
        header_.version = field32(4);
        if (header_.version != 2 && header_.version != 3) {
            return fail(ErrorCode::kUnsupported, 4,
                        fmt::format("qcow version {} is not supported, only 2 and 3; "
                                    "convert the image with qemu-img convert -O qcow2",
                                    header_.version));
        }
        header_length_ = kVersion2Length;
        if (header_.version == 3) header_length_ = field32(100);
        if (header_.version == 3 && header_length_ < kVersion3Length) {
            return fail(ErrorCode::kCorrupt, 100,
                        fmt::format("a qcow2 header of {} bytes is too short", header_length_));
        }
        header_.cluster_bits = field32(20);
        if (header_.cluster_bits < 9 || header_.cluster_bits > 21) {
            return fail(ErrorCode::kCorrupt, 20,
                        fmt::format("clusters of 2^{} bytes; qcow2 allows 2^9 to 2^21",
                                    header_.cluster_bits));
        }
        if (header_length_ > header_.cluster_size() || header_length_ > file_.size()) {
            return fail(ErrorCode::kCorrupt, 100, "the qcow2 header is longer than a cluster");
        }
        return {};
    }

    base::Result<void> read_features() {
        if (const std::uint32_t method = field32(32); method != 0) {
            std::string_view name = "unknown method";
            if (method == 1) name = "AES";
            if (method == 2) name = "LUKS";
            return fail(
                ErrorCode::kUnsupported, 32,
                fmt::format("the image is encrypted ({}); decrypt it with qemu-img convert", name));
        }
        if (header_.version == 2) return {};
        const std::uint64_t features = field64(72);
        if ((features & ~kKnownFeatures) != 0) {
            return fail(ErrorCode::kUnsupported, 72,
                        fmt::format("the image uses unknown qcow2 features (bits {:#x})",
                                    features & ~kKnownFeatures));
        }
        if ((features & kExternalData) != 0) {
            return fail(ErrorCode::kUnsupported, 72,
                        "the image keeps its data in an external file; "
                        "join them with qemu-img convert -O qcow2");
        }
        if ((features & kMarkedCorrupt) != 0) {
            return fail(ErrorCode::kCorrupt, 72,
                        "the image is marked corrupt; repair a copy with qemu-img check -r all");
        }
        header_.extended_l2 = (features & kExtendedL2) != 0;
        if (header_.extended_l2 && header_.cluster_bits < 14) {
            return fail(ErrorCode::kCorrupt, 20, "extended L2 entries need clusters of 16 KiB");
        }
        if ((features & kCompressionType) != 0 && header_length_ > kVersion3Length) {
            const auto type = std::to_integer<unsigned>(bytes_[104]);
            if (type > 1) {
                return fail(ErrorCode::kUnsupported, 104,
                            fmt::format("unknown qcow2 compression type {}", type));
            }
            header_.compression = static_cast<Compression>(type);
        }
        return {};
    }

    base::Result<void> read_geometry() {
        header_.size = field64(24);
        header_.l1_offset = field64(40);
        const std::uint64_t reach = header_.l1_reach();
        header_.l1_entries = header_.size / reach + (header_.size % reach == 0 ? 0 : 1);
        if (header_.l1_entries > kMaxL1Bytes / 8) {
            return fail(ErrorCode::kLimitExceeded, 24,
                        fmt::format("a disk of {} with clusters of {} needs an L1 table of more "
                                    "than {}",
                                    base::format_size(header_.size),
                                    base::format_size(header_.cluster_size()),
                                    base::format_size(kMaxL1Bytes)));
        }
        if (field32(36) < header_.l1_entries) {
            return fail(ErrorCode::kCorrupt, 36,
                        fmt::format("the L1 table has {} entries, the disk's size needs {}",
                                    field32(36), header_.l1_entries));
        }
        if (header_.l1_offset % header_.cluster_size() != 0) {
            return fail(ErrorCode::kCorrupt, 40, "the L1 table is not aligned to a cluster");
        }
        const std::uint64_t bytes = header_.l1_entries * 8;
        if (header_.l1_offset > file_.size() || bytes > file_.size() - header_.l1_offset) {
            return fail(
                ErrorCode::kTruncated, header_.l1_offset,
                fmt::format("the L1 table ends past the file, which has {} bytes", file_.size()));
        }
        return {};
    }

    base::Result<void> read_backing_name() {
        const std::uint64_t offset = field64(8);
        const std::uint64_t length = field32(16);
        if (offset == 0) return {};
        extensions_end_ = offset;
        if (length == 0) return {};
        if (length > kMaxNameLength) {
            return fail(ErrorCode::kCorrupt, 16,
                        fmt::format("a backing file name of {} bytes; qcow2 allows {}", length,
                                    kMaxNameLength));
        }
        if (offset > file_.size() || length > file_.size() - offset) {
            return fail(ErrorCode::kTruncated, offset,
                        "the backing file's name lies past the end of the file");
        }
        header_.backing_name.resize(length);
        VMSECURITY_TRY(file_.read(offset, std::as_writable_bytes(std::span(header_.backing_name))));
        if (header_.backing_name.find('\0') != std::string::npos) {
            return fail(ErrorCode::kCorrupt, offset, "the backing file's name holds a NUL byte");
        }
        return {};
    }

    // Records of type, length and data, padded to 8 bytes, between the header and the backing
    // file's name. Only the backing format matters here; the rest is names of features and bitmaps.
    base::Result<void> read_extensions() {
        const std::uint64_t end =
            std::min({header_.cluster_size(), file_.size(),
                      extensions_end_ == 0 ? header_.cluster_size() : extensions_end_});
        std::uint64_t at = header_length_;
        for (int i = 0; i < kMaxExtensions && at + 8 <= end; ++i) {
            std::array<std::byte, 8> record{};
            VMSECURITY_TRY(file_.read(at, record));
            const auto type = base::load_be<std::uint32_t>(record, 0);
            const std::uint64_t length = base::load_be<std::uint32_t>(record, 4);
            at += 8;
            if (type == kExtensionEnd) return {};
            if (length > end - at) {
                return fail(ErrorCode::kCorrupt, at - 8,
                            "a header extension runs past the header's cluster");
            }
            if (type == kExtensionBackingFormat) {
                header_.backing_format.resize(std::min(length, kMaxFormatLength));
                VMSECURITY_TRY(
                    file_.read(at, std::as_writable_bytes(std::span(header_.backing_format))));
            }
            at += (length + 7) / 8 * 8;
        }
        return {};
    }

    const BlockSource& file_;
    const std::string& name_;
    std::array<std::byte, kMaxHeaderLength> bytes_{};
    std::uint64_t header_length_ = 0;
    std::uint64_t extensions_end_ = 0;
    Header header_;
};

}  // namespace

base::Result<Header> read_header(const BlockSource& file, const std::string& name) {
    return HeaderReader(file, name).read();
}

}  // namespace vmsecurity::disk::qcow2
