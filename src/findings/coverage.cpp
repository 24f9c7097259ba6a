#include "findings/coverage.h"

#include <algorithm>
#include <optional>
#include <set>

namespace vmsecurity::findings {
namespace {

// What the coverage says of one scanner's work on a location; nothing if it does not speak of it.
std::optional<bool> finished(std::span<const CoveredLocation> coverage, std::string_view scanner,
                             std::string_view location) {
    std::optional<std::size_t> most_special;
    bool all = true;
    for (const CoveredLocation& entry : coverage) {
        if (!entry.scanner.empty() && entry.scanner != scanner) continue;
        // What is in the whole asset is in each part of it.
        if (location.empty() && !entry.finished) return false;
        if (!holds(entry.location, location)) continue;
        if (!most_special || entry.location.size() > *most_special) {
            most_special = entry.location.size();
            all = entry.finished;
        } else if (entry.location.size() == *most_special) {
            all = all && entry.finished;
        }
    }
    return most_special ? std::optional(all) : std::nullopt;
}

}  // namespace

bool holds(std::string_view outer, std::string_view inner) {
    if (outer.empty()) return true;
    if (!inner.starts_with(outer)) return false;
    const std::string_view rest = inner.substr(outer.size());
    return rest.empty() || outer.ends_with('/') || rest.front() == '/' || rest.front() == ',';
}

bool looked_at(std::span<const CoveredLocation> coverage, std::string_view scanner,
               std::string_view location) {
    if (!scanner.empty()) return finished(coverage, scanner, location).value_or(false);
    std::set<std::string_view> scanners;
    for (const CoveredLocation& entry : coverage) scanners.insert(entry.scanner);
    bool any = false;
    for (const std::string_view one : scanners) {
        const std::optional<bool> done = finished(coverage, one, location);
        if (done == false) return false;
        any = any || done == true;
    }
    return any;
}

}  // namespace vmsecurity::findings
