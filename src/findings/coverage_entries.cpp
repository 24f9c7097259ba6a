#include "findings/coverage_entries.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "findings/family.h"

namespace vmsecurity::findings {
namespace {

std::string_view text(const boost::json::value& entry, std::string_view member) {
    const boost::json::object* object = entry.if_object();
    return object == nullptr ? std::string_view{} : codec::text_member(*object, member);
}

// Entries of no family stand first.
std::size_t order(const boost::json::value& entry) {
    const Family* family = find_family(text(entry, "family"));
    return family == nullptr ? 0 : 1 + static_cast<std::size_t>(family->type);
}

}  // namespace

std::vector<CoveredLocation> covered_locations(std::string_view family,
                                               const boost::json::array& entries) {
    std::vector<CoveredLocation> locations;
    for (const boost::json::value& entry : entries) {
        const std::string_view of = text(entry, "family");
        if (!of.empty() && of != family) continue;
        locations.push_back({std::string(text(entry, "scanner")),
                             std::string(text(entry, "location")),
                             text(entry, "state") == "scanned"});
    }
    return locations;
}

boost::json::array merge_coverage(const boost::json::array& known, std::string_view family,
                                  const boost::json::array& sent) {
    boost::json::array merged;
    for (const boost::json::value& entry : known) {
        if (text(entry, "family") != family) merged.push_back(entry);
    }
    for (const boost::json::value& entry : sent) {
        const std::string_view of = text(entry, "family");
        if (!entry.is_object() || (!of.empty() && of != family)) continue;
        merged.push_back(entry);
        merged.back().get_object()["family"] = family;
    }
    // By family, and within it as they were. (Not std::stable_sort, whose buffer clang refuses.)
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < merged.size(); ++i) places.emplace_back(order(merged[i]), i);
    std::ranges::sort(places);
    boost::json::array sorted;
    sorted.reserve(merged.size());
    for (const auto& [family_order, place] : places) sorted.push_back(std::move(merged[place]));
    return sorted;
}

bool is_complete(const boost::json::array& entries) {
    return std::ranges::none_of(entries, [](const boost::json::value& entry) {
        const std::string_view state = text(entry, "state");
        return state == "truncated" || state == "unsupported" || state == "failed";
    });
}

}  // namespace vmsecurity::findings
