#include "filesystem/ext/features.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "filesystem/ext/superblock.h"

namespace vmsecurity::filesystem::ext {

namespace {

// Incompatible features that no release of libext2fs reads or that newer ones may add.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 3> kNames{{
    {EXT2_FEATURE_INCOMPAT_COMPRESSION, "compression"},
    {EXT4_FEATURE_INCOMPAT_DIRDATA, "dirdata"},
    {EXT4_FEATURE_INCOMPAT_CASEFOLD, "casefold"},
}};

constexpr std::uint32_t kExt4Incompat =
    EXT3_FEATURE_INCOMPAT_EXTENTS | EXT4_FEATURE_INCOMPAT_64BIT | EXT4_FEATURE_INCOMPAT_MMP |
    EXT4_FEATURE_INCOMPAT_FLEX_BG | EXT4_FEATURE_INCOMPAT_EA_INODE |
    EXT4_FEATURE_INCOMPAT_CSUM_SEED | EXT4_FEATURE_INCOMPAT_LARGEDIR |
    EXT4_FEATURE_INCOMPAT_INLINE_DATA | EXT4_FEATURE_INCOMPAT_ENCRYPT |
    EXT4_FEATURE_INCOMPAT_CASEFOLD;
constexpr std::uint32_t kExt4ReadOnlyCompat =
    EXT4_FEATURE_RO_COMPAT_HUGE_FILE | EXT4_FEATURE_RO_COMPAT_GDT_CSUM |
    EXT4_FEATURE_RO_COMPAT_DIR_NLINK | EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE |
    EXT4_FEATURE_RO_COMPAT_QUOTA | EXT4_FEATURE_RO_COMPAT_BIGALLOC |
    EXT4_FEATURE_RO_COMPAT_METADATA_CSUM | EXT4_FEATURE_RO_COMPAT_PROJECT |
    EXT4_FEATURE_RO_COMPAT_VERITY;

}  // namespace

base::Result<void> check_features(const ext2_super_block& raw) {
    if ((raw.s_feature_incompat & EXT3_FEATURE_INCOMPAT_JOURNAL_DEV) != 0) {
        return base::fail(base::ErrorCode::kUnsupported,
                          "an ext journal device: it holds the journal of another file system and "
                          "no files");
    }
    std::uint32_t unknown = raw.s_feature_incompat & ~std::uint32_t{EXT2_LIB_FEATURE_INCOMPAT_SUPP};
    if (unknown == 0) return {};
    std::string names;
    for (const auto& [bit, name] : kNames) {
        if ((unknown & bit) == 0) continue;
        names += (names.empty() ? "" : ", ") + std::string(name);
        unknown &= ~bit;
    }
    if (unknown != 0) names += fmt::format("{}bits {:#x}", names.empty() ? "" : ", ", unknown);
    return base::fail(base::ErrorCode::kUnsupported,
                      "the ext file system uses features that cannot be read: " + names);
}

std::string kind_of(const Superblock& superblock) {
    const ext2_super_block& raw = superblock.raw;
    if ((raw.s_feature_incompat & kExt4Incompat) != 0 ||
        (raw.s_feature_ro_compat & kExt4ReadOnlyCompat) != 0) {
        return "ext4";
    }
    return (raw.s_feature_compat & EXT3_FEATURE_COMPAT_HAS_JOURNAL) != 0 ? "ext3" : "ext2";
}

}  // namespace vmsecurity::filesystem::ext
