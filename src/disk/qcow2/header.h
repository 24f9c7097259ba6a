#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk::qcow2 {

inline constexpr std::uint32_t kMagic = 0x514649FB;  // "QFI\xfb", big-endian

// More L1 entries than this and QEMU refuses the image too.
inline constexpr std::uint64_t kMaxL1Bytes = 32U << 20U;

enum class Compression : std::uint8_t { kDeflate = 0, kZstd = 1 };

// What a reader needs of the header of a qcow2 image, version 2 or 3 (QEMU docs/interop/qcow2).
struct Header {
    unsigned version = 0;
    unsigned cluster_bits = 0;
    std::uint64_t size = 0;        // bytes that the guest sees
    std::uint64_t l1_offset = 0;   // bytes into the file
    std::uint64_t l1_entries = 0;  // that `size` needs; the table may be longer
    Compression compression = Compression::kDeflate;
    bool extended_l2 = false;    // 16-byte L2 entries, each cluster split in 32 subclusters
    std::string backing_name;    // empty: none. Untrusted, any bytes but NUL
    std::string backing_format;  // "raw", "qcow2", ...; empty: not stated

    std::uint64_t cluster_size() const { return std::uint64_t{1} << cluster_bits; }
    std::uint64_t l2_entry_size() const { return extended_l2 ? 16 : 8; }
    std::uint64_t l2_entries() const { return cluster_size() / l2_entry_size(); }
    // Bytes of the guest's disk behind one L1 entry.
    std::uint64_t l1_reach() const { return cluster_size() * l2_entries(); }
};

// Reads and checks the header. Encryption, external data files, versions and features of the future
// are kUnsupported; a header that contradicts itself or the file's size is kCorrupt or kTruncated.
// `name` is for the messages.
base::Result<Header> read_header(const BlockSource& file, const std::string& name);

}  // namespace vmsecurity::disk::qcow2
