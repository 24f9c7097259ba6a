#include "base/identifiers.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "base/text.h"

namespace vmsecurity::base {

std::string random_uuid() {
    std::array<std::uint8_t, 16> bytes{};
    // Blocks only before the kernel's generator is seeded, and 16 bytes never come short.
    while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    }
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
    }
    return text;
}

std::string format_time(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string now_reproducible() {
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) {
        if (const auto seconds = parse_unsigned(epoch)) {
            return format_time(std::chrono::system_clock::time_point(
                std::chrono::seconds(static_cast<std::int64_t>(*seconds))));
        }
    }
    return format_time(std::chrono::system_clock::now());
}

}  // namespace vmsecurity::base
