#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "disk/content_kind.h"
#include "disk/partition_table.h"
#include "disk/range_check.h"

namespace {

using namespace vmsecurity;

// The input as a disk.
class InputDisk final : public disk::BlockSource {
  public:
    explicit InputDisk(base::ByteSpan input) : input_(input) {}
    std::uint64_t size() const override { return input_.size(); }
    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override {
        VMSECURITY_TRY(disk::check_range(*this, offset, out.size()));
        const base::ByteSpan part = input_.subspan(offset, out.size());
        std::ranges::copy(part, out.begin());
        return {};
    }

  private:
    base::ByteSpan input_;
};

// Whatever the table says, its partitions lie on the disk and apart.
void check(base::ByteSpan bytes) {
    const auto input = std::make_shared<InputDisk>(bytes);
    const auto table = disk::read_partition_table(*input);
    if (!table || !disk::identify_content(*input)) std::abort();
    std::uint64_t total = 0;
    for (const disk::Partition& partition : table->partitions) {
        const auto [offset, length] = partition.range;
        if (length == 0 || offset > bytes.size() || length > bytes.size() - offset) std::abort();
        total += length;
        if (total > bytes.size()) std::abort();
        if (!disk::identify_content(*disk::make_slice(input, partition.range))) std::abort();
    }
}

// Makes the checksums of a primary GPT right, which no mutation would hit upon. False: no GPT.
bool seal_gpt(std::vector<std::byte>& disk) {
    constexpr std::size_t kHeader = 512;
    if (disk.size() < 2 * kHeader) return false;
    const auto put = [&](std::size_t at, std::size_t from, std::size_t length) {
        const uLong sum = ::crc32(0, reinterpret_cast<const Bytef*>(disk.data() + from),
                                  static_cast<uInt>(length));
        for (unsigned i = 0; i < 4; ++i) {
            disk[kHeader + at + i] = static_cast<std::byte>(sum >> (8 * i));
        }
    };
    const base::ByteSpan header = base::ByteSpan(disk).subspan(kHeader, kHeader);
    if (!base::as_text(header).starts_with("EFI PART")) return false;
    const auto first = base::load_le<std::uint64_t>(header, 72);
    const std::uint64_t length = std::uint64_t{base::load_le<std::uint32_t>(header, 80)} *
                                 base::load_le<std::uint32_t>(header, 84);
    const auto size = base::load_le<std::uint32_t>(header, 12);
    if (first <= disk.size() / kHeader && length <= disk.size() - first * kHeader) {
        put(88, first * kHeader, length);
    }
    if (size <= kHeader) {
        std::fill_n(disk.begin() + kHeader + 16, 4, std::byte{0});
        put(16, kHeader, size);
    }
    return true;
}

}  // namespace

// The input is a disk, first as it is, then with the checksums of its GPT put right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteSpan input = std::as_bytes(std::span(data, size));
    check(input);
    std::vector<std::byte> sealed(input.begin(), input.end());
    if (seal_gpt(sealed)) check(sealed);
    return 0;
}
