#include "families/sbom/fields.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vmsecurity::families::sbom {

std::string printable(std::string_view raw, std::size_t limit) {
    std::string_view text = base::trim(raw);
    if (text.size() > limit) {
        const auto continues = [&](std::size_t i) {
            return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
        };
        // At most three bytes of a UTF-8 sequence follow its first; a longer run is no UTF-8.
        std::size_t end = limit;
        while (end > 0 && limit - end < 3 && continues(end)) --end;
        text = base::trim(text.substr(0, end));
    }
    return base::escape_bytes(text);
}

std::string location_of(std::string_view path) {
    return "/" + base::escape_bytes(path);
}

void Problems::add(std::string_view reason) {
    if (++count_ <= kMaxReported) sink_.problem(reason);
}

void Problems::add_at_line(std::size_t line, std::string_view reason) {
    if (++count_ <= kMaxReported) sink_.problem(fmt::format("line {}: {}", line, reason));
}

void Problems::finish() {
    if (count_ > kMaxReported) {
        sink_.problem(fmt::format("{} more problems in this file", count_ - kMaxReported));
    }
}

bool LineReader::next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return true;
}

}  // namespace vmsecurity::families::sbom
