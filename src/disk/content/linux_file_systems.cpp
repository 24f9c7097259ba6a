#include "disk/content/linux_file_systems.h"

#include "disk/encoding.h"

namespace vmsecurity::disk {

using namespace std::string_view_literals;

// Documentation/filesystems/ext4: the super block is at 1024. Its magic has two bytes only, so two
// fields of narrow range are checked as well.
std::optional<Content> probe_ext(const ProbeInput& input) {
    constexpr std::uint64_t kSuper = 1024;
    constexpr std::uint32_t kMaxLogBlockSize = 6;  // 64 KiB
    constexpr std::uint32_t kMaxRevision = 1;
    if (input.integer<std::uint16_t>(kSuper + 56) != 0xEF53) return std::nullopt;
    if (input.integer<std::uint32_t>(kSuper + 24) > kMaxLogBlockSize ||
        input.integer<std::uint32_t>(kSuper + 76) > kMaxRevision) {
        return std::nullopt;
    }
    return Content{ContentKind::kExt, input.uuid(kSuper + 104), input.text(kSuper + 120, 16)};
}

std::optional<Content> probe_xfs(const ProbeInput& input) {
    if (!input.has(0, "XFSB"sv)) return std::nullopt;
    return Content{ContentKind::kXfs, input.uuid(32), input.text(108, 12)};
}

std::optional<Content> probe_btrfs(const ProbeInput& input) {
    constexpr std::uint64_t kSuper = 64U << 10U;
    if (!input.has(kSuper + 64, "_BHRfS_M"sv)) return std::nullopt;
    return Content{ContentKind::kBtrfs, input.uuid(kSuper + 32), input.text(kSuper + 299, 256)};
}

std::optional<Content> probe_f2fs(const ProbeInput& input) {
    constexpr std::uint64_t kSuper = 1024;
    if (input.integer<std::uint32_t>(kSuper) != 0xF2F52010) return std::nullopt;
    return Content{ContentKind::kF2fs, input.uuid(kSuper + 108),
                   utf16le_text(input.bytes(kSuper + 124, 1024))};
}

std::optional<Content> probe_squashfs(const ProbeInput& input) {
    if (!input.has(0, "hsqs"sv) && !input.has(0, "sqsh"sv)) return std::nullopt;
    return Content{ContentKind::kSquashfs, {}, {}};
}

std::optional<Content> probe_erofs(const ProbeInput& input) {
    constexpr std::uint64_t kSuper = 1024;
    if (input.integer<std::uint32_t>(kSuper) != 0xE0F5E1E2) return std::nullopt;
    return Content{ContentKind::kErofs, input.uuid(kSuper + 48), input.text(kSuper + 64, 16)};
}

std::optional<Content> probe_reiserfs(const ProbeInput& input) {
    for (const std::uint64_t super : {std::uint64_t{64U << 10U}, std::uint64_t{8U << 10U}}) {
        if (!input.has(super + 52, "ReIsErFs"sv) && !input.has(super + 52, "ReIsEr2Fs"sv) &&
            !input.has(super + 52, "ReIsEr3Fs"sv)) {
            continue;
        }
        return Content{ContentKind::kReiserfs, input.uuid(super + 84), input.text(super + 100, 16)};
    }
    return std::nullopt;
}

std::optional<Content> probe_jfs(const ProbeInput& input) {
    constexpr std::uint64_t kSuper = 32U << 10U;
    if (!input.has(kSuper, "JFS1"sv)) return std::nullopt;
    return Content{ContentKind::kJfs, input.uuid(kSuper + 136), input.text(kSuper + 152, 16)};
}

// The signature ends the first page, whose size depends on the machine: 4 KiB (x86) to 64 KiB.
std::optional<Content> probe_swap(const ProbeInput& input) {
    for (std::uint64_t page = 4096; page <= 65536; page *= 2) {
        if (input.has(page - 10, "SWAPSPACE2"sv) || input.has(page - 10, "SWAP-SPACE"sv)) {
            return Content{ContentKind::kSwap, input.uuid(1036), input.text(1052, 16)};
        }
    }
    return std::nullopt;
}

}  // namespace vmsecurity::disk
