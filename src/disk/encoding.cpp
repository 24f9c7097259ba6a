#include "disk/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vmsecurity::disk {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | code >> 6U);
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3FU));
        put(0x80U | (code >> 6U & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

}  // namespace

std::string uuid_text(base::ByteSpan bytes) {
    std::string text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", std::to_integer<unsigned>(bytes[i]));
    }
    return text;
}

std::string guid_text(base::ByteSpan bytes) {
    static constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                           8, 9, 10, 11, 12, 13, 14, 15};
    std::array<std::byte, 16> ordered{};
    std::ranges::transform(kOrder, ordered.begin(), [&](std::size_t i) { return bytes[i]; });
    return uuid_text(ordered);
}

std::string utf16le_text(base::ByteSpan bytes) {
    constexpr std::uint32_t kReplacement = 0xFFFD;
    std::string out;
    for (std::size_t at = 0; at + 2 <= bytes.size(); at += 2) {
        const std::uint32_t unit = base::load_le<std::uint16_t>(bytes, at);
        if (unit == 0) break;
        if (unit < 0xD800 || unit > 0xDFFF) {
            append_utf8(out, unit);
            continue;
        }
        const std::uint32_t low =
            at + 4 <= bytes.size() ? base::load_le<std::uint16_t>(bytes, at + 2) : 0U;
        if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
            append_utf8(out, kReplacement);
            continue;
        }
        append_utf8(out, 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00));
        at += 2;
    }
    return out;
}

std::string fixed_text(base::ByteSpan bytes, char padding) {
    std::string_view text = base::as_text(bytes);
    text = text.substr(0, text.find('\0'));
    while (padding != '\0' && text.ends_with(padding)) text.remove_suffix(1);
    return std::string(text);
}

}  // namespace vmsecurity::disk
