#include "codec/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"

namespace vmsecurity::codec {
namespace {

using base::ErrorCode;

struct CloseArchive {
    void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchivePtr = std::unique_ptr<archive, CloseArchive>;

constexpr std::uint64_t kRatioFreeBytes = 64ULL << 20;

class Walk {
  public:
    Walk(std::string path, std::uint64_t packed_size, const ArchiveLimits& limits)
        : path_(std::move(path)), packed_size_(packed_size), limits_(limits) {}

    base::Result<void> open(int descriptor) {
        handle_.reset(archive_read_new());
        archive* const handle = handle_.get();
        // Chosen one by one: libarchive's "all" would start outside programs for some filters.
        archive_read_support_filter_bzip2(handle);
        archive_read_support_filter_gzip(handle);
        archive_read_support_filter_xz(handle);
        archive_read_support_filter_zstd(handle);
        archive_read_support_format_zip(handle);
        archive_read_support_format_tar(handle);
        archive_read_support_format_raw(handle);
        if (archive_read_open_fd(handle, descriptor, 256 * 1024) != ARCHIVE_OK) return damaged();
        return {};
    }

    // The next regular file's name; nullptr at the end.
    base::Result<archive_entry*> next() {
        for (;;) {
            archive_entry* entry = nullptr;
            const int status = archive_read_next_header(handle_.get(), &entry);
            if (status == ARCHIVE_EOF) return nullptr;
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return damaged();
            if (++entries_ > limits_.max_entries) {
                return over_limit(fmt::format("more than {} entries", limits_.max_entries));
            }
            if (archive_entry_filetype(entry) == AE_IFREG) return entry;
        }
    }

    base::Result<std::string> read_content() {
        std::string content;
        std::vector<char> block(256 * 1024);
        for (;;) {
            const la_ssize_t count = archive_read_data(handle_.get(), block.data(), block.size());
            if (count == 0) return content;
            if (count < 0) return damaged();
            const auto size = static_cast<std::uint64_t>(count);
            total_ += size;
            if (content.size() + size > limits_.max_entry_size) {
                return over_limit(
                    fmt::format("a file in it is larger than {} bytes", limits_.max_entry_size));
            }
            if (total_ > limits_.max_total_size) {
                return over_limit(
                    fmt::format("more than {} bytes unpacked", limits_.max_total_size));
            }
            if (total_ > kRatioFreeBytes && total_ / limits_.max_ratio > packed_size_) {
                return over_limit(
                    fmt::format("unpacks to over {} times its size", limits_.max_ratio));
            }
            content.append(block.data(), size);
        }
    }

    bool is_raw() const { return archive_format(handle_.get()) == ARCHIVE_FORMAT_RAW; }

  private:
    tl::unexpected<base::Error> damaged() const {
        const char* reason = archive_error_string(handle_.get());
        return base::fail(ErrorCode::kCorrupt, path_ + " cannot be unpacked",
                          fmt::format("entry {}", entries_), reason == nullptr ? "" : reason);
    }
    tl::unexpected<base::Error> over_limit(const std::string& what) const {
        return base::fail(ErrorCode::kLimitExceeded, path_ + " is not unpacked: " + what,
                          fmt::format("entry {}", entries_));
    }

    std::string path_;
    std::uint64_t packed_size_;
    ArchiveLimits limits_;
    ArchivePtr handle_;
    std::uint64_t entries_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace

Packing detect_packing(std::string_view first_bytes) {
    using namespace std::string_view_literals;
    if (first_bytes.starts_with("PK\x03\x04"sv) || first_bytes.starts_with("PK\x05\x06"sv)) {
        return Packing::kZip;
    }
    for (const std::string_view magic : {"BZh"sv, "\x1f\x8b"sv,
                                         "\xfd"
                                         "7zXZ\0"sv,
                                         "\x28\xb5\x2f\xfd"sv}) {
        if (first_bytes.starts_with(magic)) return Packing::kCompressed;
    }
    if (first_bytes.size() >= 262 && first_bytes.substr(257, 5) == "ustar") return Packing::kTar;
    return Packing::kNone;
}

base::Result<void> walk_archive(
    const std::string& path, const ArchiveLimits& limits,
    const std::function<base::Result<void>(std::string_view, std::string)>& visit) {
    VMSECURITY_ASSIGN(const base::FileDescriptor file, base::open_file(path, O_RDONLY));
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    if (size < 0 || ::lseek(file.get(), 0, SEEK_SET) < 0) {
        return base::fail(base::system_error(errno, path + " is not a file that can be unpacked"));
    }
    Walk walk(path, static_cast<std::uint64_t>(size), limits);
    VMSECURITY_TRY(walk.open(file.get()));
    for (;;) {
        VMSECURITY_ASSIGN(archive_entry * entry, walk.next());
        if (entry == nullptr) return {};
        const char* name = archive_entry_pathname(entry);
        const std::string kept = name == nullptr || walk.is_raw() ? "" : name;
        VMSECURITY_ASSIGN(std::string content, walk.read_content());
        VMSECURITY_TRY(visit(kept, std::move(content)));
    }
}

}  // namespace vmsecurity::codec
