#include "base/identifiers.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "base/text.h"

namespace vmsecurity::base {

namespace {

using UuidBytes = std::array<std::uint8_t, 16>;

UuidBytes random_bytes() {
    UuidBytes bytes{};
    // Blocks only before the kernel's generator is seeded, and 16 bytes never come short.
    while (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    }
    return bytes;
}

std::string uuid_text(UuidBytes bytes, unsigned version) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | version << 4);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
    }
    return text;
}

}  // namespace

std::string random_uuid() {
    return uuid_text(random_bytes(), 4);
}

std::string ordered_uuid() {
    constexpr std::uint64_t kMillisecond = 1'000'000;
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto now = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count());
    UuidBytes bytes = random_bytes();
    const std::uint64_t milliseconds = now / kMillisecond;
    for (std::size_t i = 0; i < 6; ++i) {
        bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    }
    const std::uint64_t fraction = now % kMillisecond * 4096 / kMillisecond;
    bytes[6] = static_cast<std::uint8_t>(fraction >> 8);
    bytes[7] = static_cast<std::uint8_t>(fraction);
    return uuid_text(bytes, 7);
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
