#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "disk/disk_image.h"

namespace {

using namespace vmsecurity;

base::FileDescriptor memory_file(base::ByteSpan bytes) {
    base::FileDescriptor file(::memfd_create("input", MFD_CLOEXEC));
    if (!file.valid() || !base::write_all(file.get(), bytes)) std::abort();
    return file;
}

// A directory in which every name that begins with 'q' is the input itself, in a file of its own,
// with 's' the same file, with 'r' a small raw disk; no other exists.
class InputDirectory final : public disk::SiblingOpener {
  public:
    InputDirectory(const base::FileDescriptor& file, base::ByteSpan input)
        : file_(file), input_(input) {}
    base::Result<base::FileDescriptor> open_sibling(std::string_view name) override {
        if (name.starts_with('q')) return memory_file(input_);
        if (name.starts_with('s')) return file_.duplicate();
        if (name.starts_with('r')) return memory_file(base::as_bytes(std::string(3000, 'r')));
        return base::fail(base::ErrorCode::kNotFound, "no such file");
    }

  private:
    const base::FileDescriptor& file_;
    base::ByteSpan input_;
};

}  // namespace

// The input is an image. It is opened and read here and there, about 256 KiB in all.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 1U << 20U) return 0;
    const base::ByteSpan input = std::as_bytes(std::span(data, size));
    const base::FileDescriptor file = memory_file(input);
    InputDirectory directory(file, input);
    auto opened = file.duplicate();
    if (!opened) std::abort();
    const auto image = disk::open_disk_image(std::move(*opened), "input", directory);
    if (!image) return 0;

    const disk::BlockSource& blocks = *image->blocks;
    constexpr std::uint64_t kPieces = 8;
    std::vector<std::byte> buffer(32U << 10U);
    for (std::uint64_t i = 0; i <= kPieces; ++i) {
        const std::uint64_t offset = blocks.size() / kPieces * i;
        const std::uint64_t length = std::min<std::uint64_t>(buffer.size(), blocks.size() - offset);
        // An error is an answer too; what counts is that there is one.
        if (blocks.read(offset, base::MutableByteSpan(buffer).first(length)) && length > 600) {
            std::vector<std::byte> again(100);
            if (!blocks.read(offset + 500, again)) std::abort();
            if (!std::equal(again.begin(), again.end(), buffer.begin() + 500)) std::abort();
        }
    }
    if (const auto ranges = blocks.allocated({0, UINT64_MAX})) {
        std::uint64_t end = 0;
        for (const disk::ByteRange& range : *ranges) {
            if (range.length == 0 || range.offset < end || range.offset > blocks.size() ||
                range.length > blocks.size() - range.offset) {
                std::abort();
            }
            end = range.end();
        }
    }
    return 0;
}
