#pragma once

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

namespace vmsecurity::base::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };
// kText: "TIME LEVEL message"; kJson: {"time":...,"level":...,"message":...}, one object a line.
enum class Format { kText, kJson };

// Logs go to standard error, one line each; bytes that could steer a terminal are escaped. Never
// log a secret or a token. The level starts at kWarning.
void set_level(Level level);
void set_format(Format format);
// "debug", "info", "warning", "error", "off"; also "warn", "trace", "fatal" and "panic".
std::optional<Level> parse_level(std::string_view text);
bool enabled(Level level);
void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::kDebug))
        write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::kInfo))
        write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::kWarning)) {
        write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::kError))
        write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace vmsecurity::base::log
