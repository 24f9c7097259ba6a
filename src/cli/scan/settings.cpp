#include "cli/scan/settings.h"

#include <cstdlib>

#include "base/text.h"

namespace vmsecurity::cli {

base::Result<Format> parse_format(std::string_view text) {
    if (text == "table") return Format::kTable;
    if (text == "json") return Format::kJson;
    if (text == "cyclonedx") return Format::kCycloneDx;
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        "\"" + base::escape_bytes(text) + "\" is no format: take table, json or cyclonedx");
}

base::Result<std::uint64_t> parse_size(std::string_view text) {
    std::string_view digits = text;
    unsigned shift = 0;
    if (!digits.empty()) {
        switch (digits.back()) {
            case 'K':
                shift = 10;
                break;
            case 'M':
                shift = 20;
                break;
            case 'G':
                shift = 30;
                break;
            default:
                break;
        }
    }
    if (shift > 0) digits.remove_suffix(1);
    const auto number = base::parse_unsigned(digits);
    if (!number || *number == 0 || *number > (UINT64_MAX >> shift)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "\"" + base::escape_bytes(text) +
                              "\" is no size: take a whole number of bytes, or one with K, M or G");
    }
    return *number << shift;
}

std::string default_advisories_path() {
    if (const char* path = std::getenv("VMSECURITY_ADVISORIES"); path && *path) return path;
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) {
        return std::string(cache) + "/vmsecurity/advisories.vmadv";
    }
    const char* home = std::getenv("HOME");
    return std::string(home ? home : "") + "/.cache/vmsecurity/advisories.vmadv";
}

}  // namespace vmsecurity::cli
