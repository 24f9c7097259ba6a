#pragma once

#include <cstddef>
#include <string_view>

#include "model/severity.h"

namespace vmsecurity::cli {

// Columns of the terminal at `descriptor`; 0 if it is none.
std::size_t terminal_width(int descriptor);

// Standard output is a terminal, and NO_COLOR (no-color.org) is not set.
bool use_colour();

// ANSI escapes, chosen to be readable on light and dark backgrounds; empty for what is not grave.
std::string_view colour_of(model::Severity severity);
inline constexpr std::string_view kEndOfColour = "\x1b[0m";

}  // namespace vmsecurity::cli
