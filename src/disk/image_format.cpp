#include "disk/image_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/bytes.h"
#include "base/text.h"
#include "disk/qcow2/header.h"

namespace vmsecurity::disk {
namespace {

using namespace std::string_view_literals;

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    std::string_view name;
    std::string_view advice;
};

constexpr auto kConvert = "convert it with: qemu-img convert -O qcow2 OLD NEW.qcow2"sv;
constexpr auto kUnpack = "unpack it first"sv;

constexpr std::array kUnsupported = {
    Magic{0, "KDMV"sv, "VMDK (sparse extent)"sv, kConvert},
    Magic{0, "COWD"sv, "VMDK (ESX sparse extent)"sv, kConvert},
    Magic{0, "# Disk DescriptorFile"sv, "VMDK (descriptor)"sv, kConvert},
    Magic{0, "conectix"sv, "VHD (dynamic)"sv, kConvert},
    Magic{0, "vhdxfile"sv, "VHDX"sv, kConvert},
    Magic{64, "\x7f\x10\xda\xbe"sv, "VDI"sv, kConvert},
    Magic{64, "\xbe\xda\x10\x7f"sv, "VDI"sv, kConvert},
    Magic{0, "QED\0"sv, "QED"sv, kConvert},
    Magic{0, "WithoutFreeSpace"sv, "Parallels"sv, kConvert},
    Magic{0, "WithouFreSpacExt"sv, "Parallels"sv, kConvert},
    Magic{0, "EVF\x09\x0d\x0a\xff\x00"sv, "EnCase (E01)"sv, "export it to raw with ewfexport"sv},
    Magic{0,
          "\xfd"
          "7zXZ\0"sv,
          "xz-compressed"sv, kUnpack},
    Magic{0, "\x1f\x8b\x08"sv, "gzip-compressed"sv, kUnpack},
    Magic{0, "BZh"sv, "bzip2-compressed"sv, kUnpack},
    Magic{0, "\x28\xb5\x2f\xfd"sv, "zstd-compressed"sv, kUnpack},
    Magic{0, "PK\x03\x04"sv, "zip"sv, kUnpack},
    Magic{257, "ustar"sv, "tar (an OVA, perhaps)"sv, kUnpack},
};

constexpr std::uint64_t kFooterSize = 512;

// A fixed VHD is a raw disk with a footer (Virtual Hard Disk Image Format Specification): cookie,
// then at 48 the disk's size and at 60 the type, big-endian. The size is checked, so that a guest
// that writes "conectix" into its last sector is not taken for one.
bool is_fixed_vhd(const BlockSource& file, base::ByteSpan footer) {
    constexpr std::uint32_t kFixed = 2;
    return base::as_text(footer).starts_with("conectix") &&
           base::load_be<std::uint32_t>(footer, 60) == kFixed &&
           base::load_be<std::uint64_t>(footer, 48) == file.size() - kFooterSize;
}

tl::unexpected<base::Error> unsupported(const std::string& name, std::string_view format,
                                        std::string_view advice) {
    return base::fail(base::ErrorCode::kUnsupported,
                      fmt::format("{} is an image in the format {}, which is not read yet; {}",
                                  base::escape_bytes(name), format, advice));
}

}  // namespace

std::string_view to_string(ImageFormat format) {
    return format == ImageFormat::kQcow2 ? "qcow2" : "raw";
}

base::Result<ImageFormat> detect_format(const BlockSource& file, const std::string& name) {
    std::array<std::byte, 512> head{};
    const std::size_t present = std::min<std::uint64_t>(head.size(), file.size());
    VMSECURITY_TRY(file.read(0, base::MutableByteSpan(head).first(present)));
    if (base::load_be<std::uint32_t>(head, 0) == qcow2::kMagic) return ImageFormat::kQcow2;
    for (const Magic& magic : kUnsupported) {
        if (base::as_text(head).substr(magic.offset).starts_with(magic.bytes)) {
            return unsupported(name, magic.name, magic.advice);
        }
    }
    if (file.size() >= 2 * kFooterSize) {
        std::array<std::byte, kFooterSize> footer{};
        VMSECURITY_TRY(file.read(file.size() - kFooterSize, footer));
        if (is_fixed_vhd(file, footer)) return unsupported(name, "VHD (fixed)", kConvert);
    }
    return ImageFormat::kRaw;
}

}  // namespace vmsecurity::disk
