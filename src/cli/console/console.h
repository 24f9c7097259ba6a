#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "base/file_descriptor.h"

namespace vmsecurity::cli {

// Writes a message for the user to standard error. A reader that has gone away is no reason to lose
// a report, so what cannot be written is dropped.
template <typename... Args>
void tell(fmt::format_string<Args...> format, Args&&... args) {
    (void)base::write_all(STDERR_FILENO,
                          base::as_bytes(fmt::format(format, std::forward<Args>(args)...)));
}

}  // namespace vmsecurity::cli
