#include "filesystem/ext/inode.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace vmsecurity::filesystem::ext {

using base::ByteSpan;
using base::ErrorCode;
using base::fail;
using base::load_le;
using base::Result;

namespace {

constexpr std::uint32_t kAttributeMagic = 0xEA020000;
constexpr std::uint8_t kAttributeIndexSystem = 7;

}  // namespace

Inode::Inode(std::uint64_t number, std::vector<std::byte> bytes)
    : number_(number), bytes_(std::move(bytes)) {
    std::memcpy(&raw_, bytes_.data(), std::min(sizeof(raw_), bytes_.size()));
}

FileType Inode::type() const {
    switch (raw_.i_mode & LINUX_S_IFMT) {
        case LINUX_S_IFREG:
            return FileType::kRegular;
        case LINUX_S_IFDIR:
            return FileType::kDirectory;
        case LINUX_S_IFLNK:
            return FileType::kSymlink;
        case LINUX_S_IFCHR:
            return FileType::kCharacterDevice;
        case LINUX_S_IFBLK:
            return FileType::kBlockDevice;
        case LINUX_S_IFIFO:
            return FileType::kFifo;
        case LINUX_S_IFSOCK:
            return FileType::kSocket;
        default:
            return FileType::kUnknown;
    }
}

std::uint64_t Inode::size() const {
    return raw_.i_size | (std::uint64_t{raw_.i_size_high} << 32);
}

bool Inode::has_extra(std::size_t end_of_field) const {
    return bytes_.size() > EXT2_GOOD_OLD_INODE_SIZE &&
           std::size_t{EXT2_GOOD_OLD_INODE_SIZE} + raw_.i_extra_isize >= end_of_field;
}

FileStatus Inode::status() const {
    FileStatus status;
    status.type = type();
    status.inode = number_;
    status.size = size();
    status.permissions = raw_.i_mode & 07777U;
    status.uid = raw_.i_uid | (std::uint32_t{raw_.osd2.linux2.l_i_uid_high} << 16);
    status.gid = raw_.i_gid | (std::uint32_t{raw_.osd2.linux2.l_i_gid_high} << 16);
    status.links = raw_.i_links_count;
    status.modified = static_cast<std::int32_t>(raw_.i_mtime);
    if (has_extra(offsetof(ext2_inode_large, i_mtime_extra) + sizeof(raw_.i_mtime_extra))) {
        // Two bits carry the time past 2038.
        status.modified += static_cast<std::int64_t>(raw_.i_mtime_extra & 3U) << 32;
    }
    return status;
}

ByteSpan Inode::block_area() const {
    return ByteSpan(bytes_).subspan(offsetof(ext2_inode_large, i_block), sizeof(raw_.i_block));
}

// An attribute entry: name length, name index, value offset (16 bits), value inode (32), value size
// (32), hash (32), name, padding to 4 bytes. Value offsets count from the first entry.
Result<ByteSpan> Inode::inline_tail() const {
    constexpr std::size_t kHeader = 4;
    constexpr std::size_t kEntry = 16;
    const std::size_t start = EXT2_GOOD_OLD_INODE_SIZE + raw_.i_extra_isize;
    if (bytes_.size() <= EXT2_GOOD_OLD_INODE_SIZE || start + kHeader > bytes_.size()) {
        return ByteSpan{};
    }
    const ByteSpan area = ByteSpan(bytes_).subspan(start);
    if (load_le<std::uint32_t>(area, 0) != kAttributeMagic) return ByteSpan{};
    const ByteSpan entries = area.subspan(kHeader);
    std::size_t at = 0;
    while (at + 4 <= entries.size() && load_le<std::uint32_t>(entries, at) != 0) {
        if (at + kEntry > entries.size()) break;
        const auto name_length = load_le<std::uint8_t>(entries, at);
        if (at + kEntry + name_length > entries.size()) break;
        const std::string_view name = base::as_text(entries.subspan(at + kEntry, name_length));
        if (load_le<std::uint8_t>(entries, at + 1) == kAttributeIndexSystem && name == "data") {
            const std::size_t offset = load_le<std::uint16_t>(entries, at + 2);
            const std::size_t size = load_le<std::uint32_t>(entries, at + 8);
            if (load_le<std::uint32_t>(entries, at + 4) != 0 || offset > entries.size() ||
                size > entries.size() - offset) {
                return fail(ErrorCode::kCorrupt, "inline data lies outside its inode", where());
            }
            return entries.subspan(offset, size);
        }
        at += kEntry + ((name_length + std::size_t{3}) & ~std::size_t{3});
    }
    return ByteSpan{};
}

Result<std::string> Inode::inline_content() const {
    VMSECURITY_ASSIGN(const ByteSpan tail, inline_tail());
    std::string content(base::as_text(block_area()));
    content += base::as_text(tail);
    if (size() > content.size()) {
        return fail(ErrorCode::kCorrupt, "the inode claims more inline data than it holds", where(),
                    std::to_string(size()) + " bytes of " + std::to_string(content.size()));
    }
    content.resize(static_cast<std::size_t>(size()));
    return content;
}

}  // namespace vmsecurity::filesystem::ext
