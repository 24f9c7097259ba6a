#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace vmsecurity::base {

// Reads little-endian integers and counted strings off untrusted bytes. A read past the end sets
// failed(), returns zero or nothing, and every later read does the same; so a decoder checks once,
// at its end.
class ByteReader {
  public:
    explicit ByteReader(ByteSpan bytes) : rest_(bytes) {}

    template <std::unsigned_integral T>
    T integer() {
        const ByteSpan bytes = take(sizeof(T));
        return bytes.empty() ? T{0} : load_le<T>(bytes, 0);
    }
    ByteSpan bytes(std::size_t count) { return take(count); }
    // A string behind a 32-bit length.
    std::string_view text() { return as_text(take(integer<std::uint32_t>())); }

    std::size_t remaining() const { return rest_.size(); }
    bool failed() const { return failed_; }
    // True if nothing failed and nothing is left: the bytes were exactly one message.
    bool complete() const { return !failed_ && rest_.empty(); }

  private:
    ByteSpan take(std::size_t count) {
        if (failed_ || count > rest_.size()) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        const ByteSpan taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    ByteSpan rest_;
    bool failed_ = false;
};

}  // namespace vmsecurity::base
