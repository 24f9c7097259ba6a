#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace vmsecurity::base {

// Writes what ByteReader reads: little-endian integers and strings behind a 32-bit length.
class ByteWriter {
  public:
    template <std::unsigned_integral T>
    void integer(T value) {
        if constexpr (std::endian::native == std::endian::big) value = byte_swap(value);
        buffer_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    }
    void text(std::string_view value) {
        integer(static_cast<std::uint32_t>(value.size()));
        buffer_.append(value);
    }

    const std::string& buffer() const { return buffer_; }
    std::string take() { return std::move(buffer_); }
    std::size_t size() const { return buffer_.size(); }

  private:
    std::string buffer_;
};

}  // namespace vmsecurity::base
