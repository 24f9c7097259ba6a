#pragma once

#include <string_view>

namespace vmsecurity::cli {

inline constexpr std::string_view kProgramName = "vmsecurity";
inline constexpr std::string_view kVersion = VMSECURITY_VERSION;

}  // namespace vmsecurity::cli
