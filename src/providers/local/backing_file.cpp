#include "providers/local/backing_file.h"

#include <fcntl.h>

#include <array>
#include <string>

#include "base/file_descriptor.h"

namespace vmsecurity::providers::local {
namespace {

constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kMaxNameBytes = 1023;   // the format's own limit
constexpr std::uint32_t kMagic = 0x514649fb;  // "QFI\xfb"

}  // namespace

std::optional<std::filesystem::path> backing_file_of(const std::filesystem::path& image) {
    const auto file = base::open_file(image.string(), O_RDONLY | O_NONBLOCK);
    if (!file) return std::nullopt;
    std::array<std::byte, kHeaderBytes> header{};
    if (!base::read_exactly(file->get(), 0, header)) return std::nullopt;
    if (base::load_be<std::uint32_t>(header, 0) != kMagic) return std::nullopt;
    const auto offset = base::load_be<std::uint64_t>(header, 8);
    const auto size = base::load_be<std::uint32_t>(header, 16);
    if (offset == 0 || size == 0 || size > kMaxNameBytes) return std::nullopt;
    std::string name(size, '\0');
    if (!base::read_exactly(file->get(), offset, std::as_writable_bytes(std::span(name)))) {
        return std::nullopt;
    }
    if (name.find('\0') != std::string::npos || name == "." || name == "..") return std::nullopt;
    const std::filesystem::path path(name);
    const auto directory = image.parent_path();
    if (path.has_parent_path() && path.parent_path() != directory) return std::nullopt;
    return directory / path.filename();
}

}  // namespace vmsecurity::providers::local
