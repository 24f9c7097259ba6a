#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>

#include "base/text.h"

namespace vmsecurity::base::log {
namespace {

spdlog::level::level_enum translate(Level level) {
    switch (level) {
        case Level::kDebug:
            return spdlog::level::debug;
        case Level::kInfo:
            return spdlog::level::info;
        case Level::kWarning:
            return spdlog::level::warn;
        case Level::kError:
            return spdlog::level::err;
        case Level::kOff:
            return spdlog::level::off;
    }
    return spdlog::level::off;
}

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
constexpr const char* kJsonPattern =
    R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})";

std::atomic<Format> format = Format::kText;

// What stands inside a JSON string (RFC 8259 §7); bytes that are no UTF-8 show as escape_bytes()
// has them.
std::string json_text(std::string_view message) {
    std::string text;
    for (const char c : is_valid_utf8(message) ? std::string(message) : escape_bytes(message)) {
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            text += c;
        }
    }
    return text;
}

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "vmsecurity", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        made->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
        made->set_level(spdlog::level::warn);
        return made;
    }();
    return *instance;
}

}  // namespace

void set_level(Level level) {
    logger().set_level(translate(level));
}

void set_format(Format wanted) {
    format = wanted;
    logger().set_pattern(wanted == Format::kJson ? kJsonPattern : kTextPattern,
                         spdlog::pattern_time_type::utc);
}

std::optional<Level> parse_level(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, Level>, 9> kNames = {{
        {"debug", Level::kDebug},
        {"trace", Level::kDebug},
        {"info", Level::kInfo},
        {"warning", Level::kWarning},
        {"warn", Level::kWarning},
        {"error", Level::kError},
        {"fatal", Level::kError},
        {"panic", Level::kError},
        {"off", Level::kOff},
    }};
    for (const auto& [name, level] : kNames) {
        if (name == to_lower(text)) return level;
    }
    return std::nullopt;
}

bool enabled(Level level) {
    return logger().should_log(translate(level));
}

void write(Level level, std::string_view message) {
    logger().log(translate(level),
                 format == Format::kJson ? json_text(message) : escape_bytes(message));
}

}  // namespace vmsecurity::base::log
