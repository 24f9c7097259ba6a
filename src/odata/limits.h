#pragma once

#include <cstddef>

namespace vmsecurity::odata {

// What one query option may ask for. Far above what people and user interfaces write, far below
// what would hurt a database.
inline constexpr std::size_t kMaxTextBytes = 16 << 10;
inline constexpr std::size_t kMaxDepth = 100;   // of nested nodes; `a or b or c` is one level
inline constexpr std::size_t kMaxNodes = 2000;  // of all expressions and items of one option
inline constexpr std::size_t kMaxExpandDepth = 5;

}  // namespace vmsecurity::odata
