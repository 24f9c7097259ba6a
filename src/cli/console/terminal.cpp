#include "cli/console/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace vmsecurity::cli {

std::size_t terminal_width(int descriptor) {
    winsize size{};
    if (::isatty(descriptor) == 0 || ::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

bool use_colour() {
    return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

std::string_view colour_of(model::Severity severity) {
    switch (severity) {
        case model::Severity::kCritical:
            return "\x1b[1;35m";
        case model::Severity::kHigh:
            return "\x1b[1;31m";
        case model::Severity::kMedium:
            return "\x1b[33m";
        case model::Severity::kLow:
            return "\x1b[36m";
        default:
            return "";
    }
}

}  // namespace vmsecurity::cli
