#include "providers/local/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file_descriptor.h"
#include "base/text.h"

namespace vmsecurity::providers::local {
namespace {

constexpr off_t kChunk = off_t{16} << 20U;
constexpr std::int64_t kSecond = 1'000'000'000;

FileIdentity identity_of(const struct stat& status) {
    return {.device = status.st_dev,
            .inode = status.st_ino,
            .size = status.st_size,
            .modified = status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec,
            .changed = status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec};
}

base::Result<FileIdentity> identify(const base::FileDescriptor& file) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return base::fail(base::system_error(errno, "cannot read the image's state"));
    }
    return identity_of(status);
}

base::Error copy_error(int number, const std::filesystem::path& target) {
    auto error = base::system_error(number, "cannot copy the image", target.string());
    // Other snapshots go away in time.
    if (number == ENOSPC || number == EDQUOT) {
        error.code = base::ErrorCode::kUnavailable;
        error.message = "there is no space left for the snapshot";
    }
    return error;
}

// One run of data, from `begin` to `end`.
base::Result<void> copy_range(int from, int to, off_t begin, off_t end, std::stop_token& stop,
                              const std::filesystem::path& target) {
    off_t out = begin;
    while (begin < end) {
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::kCancelled, "the copy was stopped");
        }
        const auto size = static_cast<std::size_t>(std::min(kChunk, end - begin));
        const ssize_t copied = ::copy_file_range(from, &begin, to, &out, size, 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0) return base::fail(copy_error(errno, target));
        if (copied == 0) {
            return base::fail(base::ErrorCode::kUnavailable,
                              "the image became shorter while it was copied");
        }
    }
    return {};
}

base::Result<void> copy_sparse(int from, int to, off_t size, std::stop_token& stop,
                               const std::filesystem::path& target) {
    if (::ftruncate(to, size) != 0) return base::fail(copy_error(errno, target));
    off_t at = 0;
    while (at < size) {
        const off_t begin = ::lseek(from, at, SEEK_DATA);
        if (begin < 0 && errno == ENXIO) break;  // holes to the end
        if (begin < 0) return base::fail(copy_error(errno, target));
        off_t end = ::lseek(from, begin, SEEK_HOLE);
        if (end < 0) return base::fail(copy_error(errno, target));
        end = std::min(end, size);
        VMSECURITY_TRY(copy_range(from, to, begin, end, stop, target));
        at = end;
    }
    return {};
}

base::Result<void> check_space(const struct stat& source, const std::filesystem::path& target) {
    constexpr std::uint64_t kBlock = 512;
    const std::uint64_t needed = static_cast<std::uint64_t>(source.st_blocks) * kBlock;
    std::error_code error;
    const auto space = std::filesystem::space(target.parent_path(), error);
    if (error || space.available >= needed) return {};
    return base::fail(base::ErrorCode::kUnavailable,
                      fmt::format("a snapshot needs {}, and {} are free", base::format_size(needed),
                                  base::format_size(space.available)),
                      target.parent_path().string());
}

base::Result<void> fill(const base::FileDescriptor& from, const base::FileDescriptor& to,
                        const std::filesystem::path& target, SnapshotMode mode,
                        std::stop_token& stop) {
    if (mode != SnapshotMode::kCopy) {
        if (::ioctl(to.get(), FICLONE, from.get()) == 0) return {};
        if (mode == SnapshotMode::kReflink) {
            auto error = base::system_error(errno,
                                            "the file system makes no reflinks; use the "
                                            "snapshot mode auto, copy or in-place",
                                            target.string());
            error.code = base::ErrorCode::kUnsupported;
            return base::fail(std::move(error));
        }
    }
    struct stat status{};
    if (::fstat(from.get(), &status) != 0) return base::fail(copy_error(errno, target));
    VMSECURITY_TRY(check_space(status, target));
    return copy_sparse(from.get(), to.get(), status.st_size, stop, target);
}

}  // namespace

base::Result<SnapshotMode> parse_snapshot_mode(std::string_view text) {
    if (text == "auto") return SnapshotMode::kAuto;
    if (text == "reflink") return SnapshotMode::kReflink;
    if (text == "copy") return SnapshotMode::kCopy;
    if (text == "in-place") return SnapshotMode::kInPlace;
    return base::fail(base::ErrorCode::kInvalidArgument, "auto, reflink, copy or in-place");
}

base::Result<FileIdentity> identify(const std::filesystem::path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) {
        return base::fail(base::system_error(errno, "cannot read the image", file.string()));
    }
    return identity_of(status);
}

base::Result<void> snapshot_file(const std::filesystem::path& source,
                                 const std::filesystem::path& target, SnapshotMode mode,
                                 std::stop_token stop) {
    VMSECURITY_ASSIGN(const auto from, base::open_file(source.string(), O_RDONLY));
    VMSECURITY_ASSIGN(const FileIdentity before, identify(from));
    VMSECURITY_ASSIGN(const auto to,
                      base::open_file(target.string(), O_WRONLY | O_CREAT | O_EXCL, 0600));
    auto filled = fill(from, to, target, mode, stop);
    if (filled) {
        const auto after = identify(from);
        if (!after || *after != before) {
            filled = base::fail(base::ErrorCode::kUnavailable,
                                "the image was changed while it was copied", source.string());
        }
    }
    if (!filled) ::unlink(target.c_str());
    return filled;
}

}  // namespace vmsecurity::providers::local
