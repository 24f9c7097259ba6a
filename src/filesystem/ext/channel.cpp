#include "filesystem/ext/channel.h"

#include <limits>
#include <memory>
#include <mutex>
#include <new>

namespace vmsecurity::filesystem::ext {

namespace {

// The library hands nothing but a file name to the function that opens a channel.
thread_local Channel* opening = nullptr;  // NOLINT(*-avoid-non-const-global-variables)

errcode_t channel_open(const char*, int, io_channel* opened);

errcode_t channel_close(io_channel channel) {
    const std::unique_ptr<struct_io_channel> last(--channel->refcount <= 0 ? channel : nullptr);
    return 0;
}

errcode_t channel_set_block_size(io_channel channel, int block_size) {
    if (block_size <= 0) return EXT2_ET_INVALID_ARGUMENT;
    channel->block_size = block_size;
    return 0;
}

// A negative count is a number of bytes.
errcode_t channel_read64(io_channel channel, unsigned long long block, int count, void* data) {
    Channel& target = *static_cast<Channel*>(channel->private_data);
    const auto block_size = static_cast<std::uint64_t>(channel->block_size);
    const std::int64_t wide = count;
    const std::uint64_t bytes = wide < 0 ? static_cast<std::uint64_t>(-wide)
                                         : static_cast<std::uint64_t>(wide) * block_size;
    if (block > std::numeric_limits<std::uint64_t>::max() / block_size) {
        target.error = base::Error{base::ErrorCode::kCorrupt,
                                   "a block number beyond any disk",
                                   "block " + std::to_string(block),
                                   {}};
        return EXT2_ET_BAD_BLOCK_NUM;
    }
    auto read = target.cache->read(
        block * block_size, {static_cast<std::byte*>(data), static_cast<std::size_t>(bytes)});
    if (read) return 0;
    target.error = std::move(read).error();
    return EXT2_ET_SHORT_READ;
}

errcode_t channel_read(io_channel channel, unsigned long block, int count, void* data) {
    return channel_read64(channel, block, count, data);
}

errcode_t channel_write(io_channel, unsigned long, int, const void*) {
    return EXT2_ET_RO_FILSYS;
}

errcode_t channel_write64(io_channel, unsigned long long, int, const void*) {
    return EXT2_ET_RO_FILSYS;
}

errcode_t channel_flush(io_channel) {
    return 0;
}

struct_io_manager make_manager() {
    struct_io_manager manager{};
    manager.magic = EXT2_ET_MAGIC_IO_MANAGER;
    manager.name = "block source";
    manager.open = channel_open;
    manager.close = channel_close;
    manager.set_blksize = channel_set_block_size;
    manager.read_blk = channel_read;
    manager.write_blk = channel_write;
    manager.flush = channel_flush;
    manager.read_blk64 = channel_read64;
    manager.write_blk64 = channel_write64;
    return manager;
}

io_manager shared_manager() {
    static struct_io_manager manager = make_manager();
    return &manager;
}

errcode_t channel_open(const char*, int, io_channel* opened) {
    std::unique_ptr<struct_io_channel> channel(new (std::nothrow) struct_io_channel{});
    if (!channel) return EXT2_ET_NO_MEMORY;
    channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
    channel->manager = shared_manager();
    channel->block_size = 1024;
    channel->refcount = 1;
    channel->private_data = opening;
    *opened = channel.release();
    return 0;
}

}  // namespace

errcode_t open_over(Channel& channel, int flags, int superblock, unsigned block_size,
                    ext2_filsys* opened) {
    static std::once_flag messages;
    std::call_once(messages, [] { initialize_ext2_error_table(); });
    opening = &channel;
    const errcode_t failed = ext2fs_open2("block source", nullptr, flags, superblock, block_size,
                                          shared_manager(), opened);
    opening = nullptr;
    return failed;
}

}  // namespace vmsecurity::filesystem::ext
