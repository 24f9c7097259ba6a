#pragma once

#include <chrono>
#include <cstdint>

namespace vmsecurity::store {

// Nanoseconds since 1970, by this machine's clock.
inline std::int64_t now_nanoseconds() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace vmsecurity::store
