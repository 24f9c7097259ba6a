#include "disk/disk_image.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "disk/image_format.h"
#include "disk/qcow2/header.h"
#include "disk/qcow2/qcow2_source.h"
#include "disk/raw/raw_source.h"

namespace vmsecurity::disk {
namespace {

using base::ErrorCode;
using base::escape_bytes;

constexpr std::size_t kMaxChain = 32;
// L1 tables are held in memory, those of a whole chain together within this.
constexpr std::uint64_t kMaxChainL1Bytes = 2 * qcow2::kMaxL1Bytes;

// A backing file's name counts from the directory of the image that states it; the opener knows
// only the first image's directory.
std::string beside(const std::string& image, std::string_view name, bool is_first) {
    const std::size_t slash = image.rfind('/');
    if (is_first || slash == std::string::npos || name.starts_with('/')) return std::string(name);
    return image.substr(0, slash + 1).append(name);
}

// QEMU takes a name with ':' before any '/' for a protocol: "nbd://host", "json:{...}".
base::Result<std::string_view> plain_file_name(std::string_view name) {
    if (name.starts_with("file:")) return name.substr(5);
    const std::string_view scheme = name.substr(0, name.find_first_of(":/"));
    if (scheme.size() < name.size() && name[scheme.size()] == ':') {
        return base::fail(ErrorCode::kUnsupported,
                          "the backing file '" + escape_bytes(name) +
                              "' is not a plain file name; only files beside the image are opened");
    }
    return name;
}

base::Result<ImageFormat> format_by_name(const std::string& stated) {
    if (stated == "qcow2") return ImageFormat::kQcow2;
    if (stated == "raw" || stated == "file" || stated == "host_device") return ImageFormat::kRaw;
    return base::fail(
        ErrorCode::kUnsupported,
        "the backing file has the format '" + escape_bytes(stated) + "', which is not read yet");
}

// Opens an image and what is below it, nearest first.
class ChainOpener {
  public:
    explicit ChainOpener(SiblingOpener& siblings) : siblings_(siblings) {}

    base::Result<DiskImage> open(base::FileDescriptor file, const std::string& name) {
        VMSECURITY_ASSIGN(image_.blocks, open_layer(std::move(file), name, {}));
        return std::move(image_);
    }

  private:
    base::Result<BlockSourcePtr> open_layer(base::FileDescriptor file, const std::string& name,
                                            const std::string& stated_format) {
        VMSECURITY_TRY(remember(file, name));
        VMSECURITY_ASSIGN(BlockSourcePtr raw, make_raw_source(std::move(file), name));
        if (raw->size() == 0) {
            return base::fail(ErrorCode::kTruncated,
                              escape_bytes(name) + " is empty: it has no byte of a disk");
        }
        // A stated format is obeyed: a raw disk whose guest wrote a qcow2 header into its first
        // sector must not choose files on the host.
        auto format =
            stated_format.empty() ? detect_format(*raw, name) : format_by_name(stated_format);
        if (!format) return base::fail(std::move(format).error());
        const bool is_first = layers_.size() == 1;
        if (is_first) image_.format = *format;
        if (*format == ImageFormat::kRaw) return raw;

        VMSECURITY_ASSIGN(const qcow2::Header header, qcow2::read_header(*raw, name));
        l1_bytes_ += header.l1_entries * 8;
        if (l1_bytes_ > kMaxChainL1Bytes) {
            return base::fail(ErrorCode::kLimitExceeded,
                              "the L1 tables of the backing chain are too large");
        }
        const auto layer = static_cast<unsigned>(layers_.size() - 1);
        BlockSourcePtr backing;
        if (!header.backing_name.empty()) {
            auto opened = open_backing(header, name, is_first);
            if (!opened) return base::fail(std::move(opened).error());
            backing = std::move(*opened);
        }
        return qcow2::make_source(std::move(raw), header, name, std::move(backing), caches_, layer);
    }

    base::Result<BlockSourcePtr> open_backing(const qcow2::Header& header, const std::string& name,
                                              bool is_first) {
        image_.backing_chain.push_back(header.backing_name);
        if (layers_.size() >= kMaxChain) {
            return base::fail(ErrorCode::kLimitExceeded,
                              fmt::format("the backing chain has more than {} files", kMaxChain),
                              escape_bytes(name));
        }
        VMSECURITY_ASSIGN(const std::string_view plain, plain_file_name(header.backing_name));
        const std::string path = beside(name, plain, is_first);
        auto file = siblings_.open_sibling(path);
        if (!file) {
            return base::fail(file.error().code,
                              fmt::format("cannot open the backing file '{}' of {}",
                                          escape_bytes(path), escape_bytes(name)),
                              file.error().where, file.error().describe());
        }
        return open_layer(std::move(*file), path, header.backing_format);
    }

    // A chain that comes back to a file it has passed would never end.
    base::Result<void> remember(const base::FileDescriptor& file, const std::string& name) {
        struct stat status{};
        if (::fstat(file.get(), &status) != 0) {
            return base::fail(base::system_error(errno, "cannot examine " + escape_bytes(name)));
        }
        const std::pair identity(status.st_dev, status.st_ino);
        if (std::ranges::find(layers_, identity) != layers_.end()) {
            return base::fail(
                ErrorCode::kCorrupt,
                "the backing chain is a loop: it comes back to " + escape_bytes(name));
        }
        layers_.push_back(identity);
        return {};
    }

    SiblingOpener& siblings_;
    DiskImage image_;
    std::vector<std::pair<dev_t, ino_t>> layers_;
    std::uint64_t l1_bytes_ = 0;
    qcow2::Caches caches_ = qcow2::make_caches();
};

}  // namespace

base::Result<DiskImage> open_disk_image(base::FileDescriptor file, const std::string& name,
                                        SiblingOpener& siblings) {
    return ChainOpener(siblings).open(std::move(file), name);
}

}  // namespace vmsecurity::disk
