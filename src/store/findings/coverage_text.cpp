#include "store/findings/coverage_text.h"

#include "codec/json.h"

namespace vmsecurity::store {

std::string coverage_text(std::span<const findings::CoveredLocation> coverage) {
    boost::json::array entries;
    entries.reserve(coverage.size());
    for (const auto& entry : coverage) {
        entries.push_back(boost::json::array{entry.scanner, entry.location, entry.finished});
    }
    return boost::json::serialize(entries);
}

std::vector<findings::CoveredLocation> parse_coverage(std::string_view text) {
    std::vector<findings::CoveredLocation> coverage;
    const auto value = codec::parse_json(text);
    const boost::json::array* entries = value ? value->if_array() : nullptr;
    if (entries == nullptr) return coverage;
    for (const boost::json::value& one : *entries) {
        const boost::json::array* entry = one.if_array();
        if (entry == nullptr || entry->size() != 3 || !(*entry)[0].is_string() ||
            !(*entry)[1].is_string() || !(*entry)[2].is_bool()) {
            continue;
        }
        coverage.push_back({std::string((*entry)[0].get_string()),
                            std::string((*entry)[1].get_string()), (*entry)[2].get_bool()});
    }
    return coverage;
}

}  // namespace vmsecurity::store
