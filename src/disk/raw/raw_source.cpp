#include "disk/raw/raw_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/text.h"
#include "disk/range_check.h"

namespace vmsecurity::disk {
namespace {

// A file of a billion fragments must not fill the memory; past this the rest counts as data.
constexpr std::size_t kMaxRanges = 1U << 20U;

class RawSource final : public BlockSource {
  public:
    RawSource(base::FileDescriptor file, std::string name, std::uint64_t size)
        : file_(std::move(file)), name_(std::move(name)), size_(size) {}

    std::uint64_t size() const override { return size_; }

    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override {
        auto done = check_range(*this, offset, out.size());
        if (done) done = base::read_exactly(file_.get(), offset, out);
        if (!done) done.error().where = base::escape_bytes(name_) + ", " + done.error().where;
        return done;
    }

    base::Result<std::vector<ByteRange>> allocated(ByteRange within) const override {
        const ByteRange cut = cut_to_size(within, size_);
        std::vector<ByteRange> ranges;
        std::uint64_t at = cut.offset;
        while (at < cut.end()) {
            const auto data = seek(at, SEEK_DATA);
            if (!data) break;  // ENXIO: only a hole is left
            if (*data >= cut.end()) break;
            const auto hole = ranges.size() < kMaxRanges ? seek(*data, SEEK_HOLE) : std::nullopt;
            const std::uint64_t end = std::min(hole.value_or(cut.end()), cut.end());
            if (end <= *data) break;
            ranges.push_back({*data, end - *data});
            at = end;
        }
        return ranges;
    }

  private:
    // Where the next data or hole begins; nothing if there is none. A device or file system that
    // knows no holes answers that all is data. The file position moves, but pread(2) ignores it.
    std::optional<std::uint64_t> seek(std::uint64_t offset, int whence) const {
        const off_t found = ::lseek(file_.get(), static_cast<off_t>(offset), whence);
        if (found >= 0) return static_cast<std::uint64_t>(found);
        if (errno == ENXIO) return std::nullopt;
        return whence == SEEK_DATA ? std::optional(offset) : std::nullopt;
    }

    base::FileDescriptor file_;
    std::string name_;
    std::uint64_t size_;
};

}  // namespace

base::Result<BlockSourcePtr> make_raw_source(base::FileDescriptor file, std::string name) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return base::fail(base::system_error(errno, "cannot examine " + base::escape_bytes(name)));
    }
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            base::escape_bytes(name) + " is neither a regular file nor a block device");
    }
    // For a block device st_size is 0, the end of the device is its size.
    const off_t end = ::lseek(file.get(), 0, SEEK_END);
    if (end < 0) {
        return base::fail(
            base::system_error(errno, "cannot find the size of " + base::escape_bytes(name)));
    }
    return std::make_shared<RawSource>(std::move(file), std::move(name),
                                       static_cast<std::uint64_t>(end));
}

}  // namespace vmsecurity::disk
