#include "disk/content/probe.h"

#include <algorithm>

#include "disk/encoding.h"

namespace vmsecurity::disk {
namespace {

bool is_zero(const std::vector<std::byte>& bytes) {
    return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

base::Result<ProbeInput> ProbeInput::read(const BlockSource& source) {
    ProbeInput input;
    input.size_ = source.size();
    input.head_.resize(std::min(input.size_, kHead));
    VMSECURITY_TRY(source.read(0, input.head_));
    if (input.size_ > kHead) {
        input.tail_.resize(std::min(input.size_, kTail));
        VMSECURITY_TRY(source.read(input.size_ - input.tail_.size(), input.tail_));
    }
    return input;
}

bool ProbeInput::all_zero() const {
    return is_zero(head_) && is_zero(tail_);
}

base::ByteSpan ProbeInput::bytes(std::uint64_t offset, std::uint64_t length) const {
    if (offset <= head_.size() && length <= head_.size() - offset) {
        return base::ByteSpan(head_).subspan(offset, length);
    }
    const std::uint64_t tail_start = size_ - tail_.size();
    if (offset >= tail_start && offset <= size_ && length <= size_ - offset) {
        return base::ByteSpan(tail_).subspan(offset - tail_start, length);
    }
    return {};
}

bool ProbeInput::has(std::uint64_t offset, std::string_view magic) const {
    return base::as_text(bytes(offset, magic.size())) == magic;
}

std::string ProbeInput::uuid(std::uint64_t offset) const {
    const base::ByteSpan raw = bytes(offset, 16);
    const bool unset = std::ranges::all_of(raw, [](std::byte b) { return b == std::byte{0}; });
    return unset ? std::string() : uuid_text(raw);
}

std::string ProbeInput::text(std::uint64_t offset, std::uint64_t length, char padding) const {
    return fixed_text(bytes(offset, length), padding);
}

}  // namespace vmsecurity::disk
