#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "filesystem/ext/handle.h"
#include "filesystem/ext/session.h"
#include "filesystem/ext/superblock.h"
#include "filesystem/open.h"

namespace vmsecurity::filesystem {

namespace ext {
namespace {

using base::Result;

class ExtFileSystem final : public FileSystem {
  public:
    ExtFileSystem(std::shared_ptr<const Handle> first, FileSystemInfo info)
        : first_(std::move(first)), info_(std::move(info)) {}

    const FileSystemInfo& info() const override { return info_; }
    Result<std::unique_ptr<Session>> open_session() const override {
        VMSECURITY_ASSIGN(auto handle, Handle::open_sharing(first_));
        return std::make_unique<ExtSession>(std::move(handle));
    }

  private:
    std::shared_ptr<const Handle> first_;  // holds the group descriptors for all sessions
    FileSystemInfo info_;
};

Result<std::shared_ptr<Handle>> open_at(const std::shared_ptr<BlockCache>& cache,
                                        SuperblockPlace place) {
    VMSECURITY_ASSIGN(const Superblock superblock, read_superblock(*cache, place));
    return Handle::open(cache, superblock);
}

// Groups whose descriptor cannot be believed: wrong checksum, or an inode table outside the disk.
std::uint32_t damaged_groups(const Handle& handle) {
    ext2_filsys library = handle.library();
    std::uint32_t damaged = 0;
    for (dgrp_t group = 0; group < library->group_desc_count; ++group) {
        const std::uint64_t table = ext2fs_inode_table_loc(library, group);
        const bool inside =
            table > library->super->s_first_data_block && table < handle.superblock().blocks();
        if (!inside || ext2fs_group_desc_csum_verify(library, group) == 0) ++damaged;
    }
    return damaged;
}

struct Opened {
    std::shared_ptr<Handle> handle;
    std::vector<std::string> notes;
};

// The first place of `places` that opens with fewer damaged groups than `at_most`.
std::shared_ptr<Handle> best_backup(const std::shared_ptr<BlockCache>& cache,
                                    const std::vector<SuperblockPlace>& places,
                                    std::uint32_t at_most) {
    for (const SuperblockPlace place : places) {
        auto opened = open_at(cache, place);
        if (opened && damaged_groups(**opened) < at_most) return std::move(*opened);
    }
    return nullptr;
}

Result<Opened> open_best(const std::shared_ptr<BlockCache>& cache) {
    auto primary = open_at(cache, {});
    if (!primary) {
        // Other reasons (features, I/O) hold for the copies as well.
        if (primary.error().code != base::ErrorCode::kCorrupt) {
            return base::fail(std::move(primary).error());
        }
        const auto backup = best_backup(cache, backup_places(nullptr), ~0U);
        if (!backup) return base::fail(std::move(primary).error());
        return Opened{backup,
                      {fmt::format("the primary superblock is damaged; the copy in block "
                                   "{} was used",
                                   backup->superblock().place.block)}};
    }
    Opened opened{std::move(*primary), {}};
    const std::uint32_t damaged = damaged_groups(*opened.handle);
    if (damaged == 0) return opened;
    const auto places = backup_places(&opened.handle->superblock());
    if (const auto backup = best_backup(cache, places, damaged)) {
        opened.handle = backup;
        opened.notes.push_back(
            fmt::format("{} group descriptors are damaged; the copies behind block {} were used",
                        damaged, backup->superblock().place.block));
    } else {
        opened.notes.push_back(fmt::format(
            "{} of {} group descriptors are damaged; files of those groups may be unreadable",
            damaged, opened.handle->library()->group_desc_count));
    }
    return opened;
}

std::string uuid_text(std::span<const std::uint8_t, 16> uuid) {
    if (std::ranges::all_of(uuid, [](std::uint8_t byte) { return byte == 0; })) {
        return {};
    }
    std::string text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", uuid[i]);
    }
    return text;
}

FileSystemInfo describe(const Opened& opened, std::uint64_t source_size) {
    const Handle& handle = *opened.handle;
    ext2_filsys library = handle.library();
    const ext2_super_block& raw = handle.superblock().raw;
    FileSystemInfo info;
    info.kind = kind_of(handle.superblock());
    info.uuid = uuid_text(raw.s_uuid);
    const auto* label = reinterpret_cast<const char*>(raw.s_volume_name);
    info.label.assign(label, std::find(label, label + sizeof(raw.s_volume_name), '\0'));
    info.notes = opened.notes;

    // The superblock's own counters lag behind on a disk that was in use.
    std::uint64_t free_inodes = 0;
    std::uint64_t free_clusters = 0;
    for (dgrp_t group = 0; group < library->group_desc_count; ++group) {
        free_inodes += ext2fs_bg_free_inodes_count(library, group);
        free_clusters += ext2fs_bg_free_blocks_count(library, group);
    }
    const std::uint64_t free_blocks = free_clusters
                                      << static_cast<unsigned>(library->cluster_ratio_bits);
    if (free_inodes <= raw.s_inodes_count) info.files = raw.s_inodes_count - free_inodes;
    const std::uint64_t blocks = handle.superblock().blocks();
    if (free_blocks <= blocks) info.used_bytes = (blocks - free_blocks) * handle.block_size();

    if ((raw.s_feature_incompat & EXT3_FEATURE_INCOMPAT_RECOVER) != 0) {
        info.notes.emplace_back(
            "journal not replayed: the file system was in use when the disk was copied, its newest "
            "changes may be missing");
    }
    if ((raw.s_state & EXT2_ERROR_FS) != 0) {
        info.notes.emplace_back("the kernel has marked the file system as having errors");
    }
    if (blocks > source_size / handle.block_size()) {
        info.notes.push_back(fmt::format(
            "the file system has {} bytes and the device only {}: what lies beyond is unreadable",
            blocks * handle.block_size(), source_size));
    }
    return info;
}

}  // namespace
}  // namespace ext

base::Result<std::unique_ptr<FileSystem>> open_ext(disk::BlockSourcePtr blocks) {
    const auto cache = std::make_shared<ext::BlockCache>(std::move(blocks));
    VMSECURITY_ASSIGN(const ext::Opened opened, ext::open_best(cache));
    return std::make_unique<ext::ExtFileSystem>(opened.handle,
                                                ext::describe(opened, cache->source().size()));
}

}  // namespace vmsecurity::filesystem
