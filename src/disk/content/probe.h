#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "disk/block_source.h"
#include "disk/content_kind.h"

namespace vmsecurity::disk {

// The two ends of a source, where every format that we know puts its magic number.
class ProbeInput {
  public:
    static constexpr std::uint64_t kHead = 256U << 10U;  // ZFS' first label ends here
    static constexpr std::uint64_t kTail = 128U << 10U;  // md 0.90 begins at most this far from it

    static base::Result<ProbeInput> read(const BlockSource& source);

    std::uint64_t size() const { return size_; }
    bool all_zero() const;

    // `length` bytes at `offset` of the source, or nothing if they are not all in the part read.
    base::ByteSpan bytes(std::uint64_t offset, std::uint64_t length) const;
    bool has(std::uint64_t offset, std::string_view magic) const;
    // An integer, or zero where there is none.
    template <std::unsigned_integral T>
    T integer(std::uint64_t offset) const {
        const base::ByteSpan raw = bytes(offset, sizeof(T));
        return raw.empty() ? T{0} : base::load_le<T>(raw, 0);
    }

    // Fields of a header, empty where there is none.
    std::string uuid(std::uint64_t offset) const;
    std::string text(std::uint64_t offset, std::uint64_t length, char padding = '\0') const;

  private:
    std::uint64_t size_ = 0;
    std::vector<std::byte> head_;
    std::vector<std::byte> tail_;  // empty if the head holds all
};

// What a format's header says, or nothing if this is not the format.
using Probe = std::optional<Content> (*)(const ProbeInput&);

}  // namespace vmsecurity::disk
