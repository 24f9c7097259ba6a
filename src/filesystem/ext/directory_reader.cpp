#include "filesystem/ext/directory_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "filesystem/names.h"

namespace vmsecurity::filesystem::ext {

using base::ByteSpan;
using base::ErrorCode;
using base::fail;
using base::load_le;
using base::Result;

namespace {

constexpr std::size_t kHeader = 8;  // inode (32), record length (16), name length (8), type (8)
constexpr unsigned kMaxDamages = 64;
// A directory of ten million names has a few hundred MiB. What claims more is damaged, and a tiny
// image can claim anything.
constexpr std::uint64_t kMaxDirectoryBytes = std::uint64_t{2} << 30;
constexpr std::size_t kInlineParent = 4;  // inline: the parent's inode takes the place of ".."

FileType type_of_entry(unsigned type) {
    switch (type) {
        case EXT2_FT_REG_FILE:
            return FileType::kRegular;
        case EXT2_FT_DIR:
            return FileType::kDirectory;
        case EXT2_FT_CHRDEV:
            return FileType::kCharacterDevice;
        case EXT2_FT_BLKDEV:
            return FileType::kBlockDevice;
        case EXT2_FT_FIFO:
            return FileType::kFifo;
        case EXT2_FT_SOCK:
            return FileType::kSocket;
        case EXT2_FT_SYMLINK:
            return FileType::kSymlink;
        default:
            return FileType::kUnknown;
    }
}

// Blocks of 64 KiB do not fit 16 bits: 0 and 65535 mean the whole block, and the two low bits,
// which alignment keeps free, carry bits 16 and 17.
std::size_t record_length(std::uint16_t stored, std::size_t block_size) {
    if (block_size < 65536) return stored;
    if (stored == 0 || stored == 65535) return block_size;
    return (stored & 65532U) | ((stored & 3U) << 16);
}

}  // namespace

Result<void> DirectoryReader::run() {
    if (directory_.has(EXT4_ENCRYPT_FL)) {
        return fail(ErrorCode::kUnsupported,
                    "the directory is encrypted; its names cannot be read without the key",
                    directory_.where());
    }
    if (directory_.has(EXT4_INLINE_DATA_FL)) {
        VMSECURITY_TRY(run_inline());
    } else {
        run_blocks();
    }
    if (stopped_ || !first_error_) return {};
    if (damages_ > 1) {
        first_error_->message += ", and " + std::to_string(damages_ - 1) + " more like it";
    }
    return fail(std::move(*first_error_));
}

Result<void> DirectoryReader::run_inline() {
    VMSECURITY_ASSIGN(const ByteSpan tail, directory_.inline_tail());
    if (visit_block(directory_.block_area().subspan(kInlineParent), 0) == Next::kContinue &&
        !tail.empty()) {
        visit_block(tail, 0);
    }
    return {};
}

void DirectoryReader::run_blocks() {
    const std::uint64_t block_size = handle_.block_size();
    const std::uint64_t limit =
        std::min(kMaxDirectoryBytes, handle_.superblock().blocks() * block_size);
    std::uint64_t bytes = directory_.size();
    if (bytes > limit) {
        damaged({ErrorCode::kCorrupt, "a directory claims an impossible size", directory_.where(),
                 std::to_string(bytes) + " bytes"});
        bytes = limit;
    }
    const std::uint64_t count = (bytes + block_size - 1) / block_size;
    const auto map = make_block_map(handle_, directory_);
    buffer_.resize(handle_.block_size());
    for (std::uint64_t block = 0; block < count;) {
        const Result<Run> run = map->find(block, count - block);
        Next next = Next::kContinue;
        if (!run) {
            next = damaged(run.error());
            // Where a node of the map is broken, the blocks below it fail one by one.
            ++block;
        } else if (!run->mapped()) {
            next = damaged("a hole", block);
            block += run->length;
        } else {
            next = visit_run(run->physical, run->length);
            block += run->length;
        }
        if (next == Next::kStop) return;
    }
}

bool DirectoryReader::is_new(std::uint64_t first, std::uint64_t count) {
    const std::uint64_t end = first + count;
    const auto after = seen_.upper_bound(first);
    if (after != seen_.end() && after->first < end) return false;
    if (after == seen_.begin()) {
        seen_.emplace(first, end);
        return true;
    }
    const auto before = std::prev(after);
    if (before->second > first) return false;
    if (before->second == first) {
        before->second = end;
    } else {
        seen_.emplace(first, end);
    }
    return true;
}

DirectoryReader::Next DirectoryReader::visit_run(std::uint64_t first, std::uint64_t count) {
    // Without this, one block named a million times would be a directory of any size.
    if (!is_new(first, count)) return damaged("a block that it has already", first);
    for (std::uint64_t block = first; block < first + count; ++block) {
        Next next = Next::kContinue;
        if (auto read = handle_.read_directory_block(directory_, block, buffer_); !read) {
            next = damaged(std::move(read).error());
        } else {
            next = visit_block(buffer_, block);
        }
        if (next == Next::kStop) return next;
    }
    return Next::kContinue;
}

DirectoryReader::Next DirectoryReader::visit_block(ByteSpan block, std::uint64_t number) {
    const bool has_types =
        (handle_.superblock().raw.s_feature_incompat & EXT2_FEATURE_INCOMPAT_FILETYPE) != 0;
    for (std::size_t at = 0; at < block.size();) {
        const ByteSpan rest = block.subspan(at);
        if (rest.size() < kHeader) return damaged("a record cut off by the block's end", number);
        const std::uint64_t inode = load_le<std::uint32_t>(rest, 0);
        const std::size_t length =
            record_length(load_le<std::uint16_t>(rest, 4), handle_.block_size());
        const std::size_t name_length = load_le<std::uint8_t>(rest, 6);
        if (length < kHeader || length % 4 != 0 || length > rest.size() ||
            kHeader + name_length > length) {
            return damaged("a record of impossible length", number);
        }
        at += length;
        if (inode == 0) continue;
        const std::string_view name = base::as_text(rest.subspan(kHeader, name_length));
        if (name == "." || name == "..") continue;
        if (auto damage = entry_damage(name, inode)) {
            if (damaged(std::move(*damage), number) == Next::kStop) return Next::kStop;
            continue;
        }
        const FileType type =
            has_types ? type_of_entry(load_le<std::uint8_t>(rest, 7)) : FileType::kUnknown;
        if (!visit_({name, inode, type})) {
            stopped_ = true;
            return Next::kStop;
        }
    }
    return Next::kContinue;
}

std::optional<std::string> DirectoryReader::entry_damage(std::string_view name,
                                                         std::uint64_t inode) const {
    const Superblock& superblock = handle_.superblock();
    if (!is_entry_name(name)) return "a name with '/' or NUL";
    if (inode > superblock.raw.s_inodes_count) return "an entry with an impossible inode";
    if (inode < superblock.first_inode() && inode != EXT2_ROOT_INO) {
        return "an entry with the reserved inode " + std::to_string(inode);
    }
    return std::nullopt;
}

DirectoryReader::Next DirectoryReader::damaged(base::Error error) {
    if (!first_error_) first_error_ = std::move(error);
    return ++damages_ < kMaxDamages ? Next::kContinue : Next::kStop;
}

DirectoryReader::Next DirectoryReader::damaged(std::string cause, std::uint64_t block) {
    return damaged({ErrorCode::kCorrupt, "a directory is damaged",
                    directory_.where() + ", block " + std::to_string(block), std::move(cause)});
}

}  // namespace vmsecurity::filesystem::ext
