#pragma once

#include <filesystem>
#include <optional>

namespace vmsecurity::providers::local {

// The file that a qcow2 image stands on, where its header names one in the image's own directory;
// nothing for other images, and for names that lead elsewhere (which the scanner refuses to
// follow). QEMU docs/interop/qcow2.txt, "Header": magic "QFI\xfb", backing_file_offset at 8,
// backing_file_size at 16, big-endian. This is all that is read here: images are the scanner's.
std::optional<std::filesystem::path> backing_file_of(const std::filesystem::path& image);

}  // namespace vmsecurity::providers::local
