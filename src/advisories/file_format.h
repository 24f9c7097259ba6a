#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The layout of the advisory file: docs/design/advisory-file.md. All integers are little-endian;
// writer and reader share nothing but this.
namespace vmsecurity::advisories::file_format {

inline constexpr std::string_view kMagic{"VMSADVIS", 8};
inline constexpr std::uint32_t kVersion = 2;

enum Section : std::size_t { kInfo, kTexts, kBuckets, kPackages, kEntries, kRecords, kSections };

inline constexpr std::size_t kVersionOffset = 8;
inline constexpr std::size_t kSectionCountOffset = 12;
inline constexpr std::size_t kFileSizeOffset = 16;
inline constexpr std::size_t kChecksumOffset = 24;
inline constexpr std::size_t kSectionTableOffset = 32;  // offset and size, 64 bits each
inline constexpr std::size_t kHeaderSize = 128;
static_assert(kSectionTableOffset + kSections * 16 <= kHeaderSize);

// One entry of kPackages: tag (low half of the key's hash), texts of ecosystem and name, first
// entry, number of entries.
inline constexpr std::size_t kPackageSize = 5 * 4;
// One entry of kEntries: offsets of the affected package and of the advisory in kRecords.
inline constexpr std::size_t kEntrySize = 2 * 4;

inline constexpr std::size_t kMaxCount = 0xFFFF;    // of any list inside a record
inline constexpr std::size_t kMaxText = 32 * 1024;  // bytes of any text
inline constexpr std::uint32_t kMaxBucketBits = 24;

// What an ecosystem and a package name are hashed as, to find their bucket.
std::uint64_t key_hash(std::string_view ecosystem, std::string_view package);

// XXH3-64 of the whole file, its checksum field taken as zero.
std::uint64_t checksum(std::string_view file);

}  // namespace vmsecurity::advisories::file_format
