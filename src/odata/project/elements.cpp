#include "odata/project/elements.h"

#include <algorithm>

namespace vmsecurity::odata {
namespace {

using Keys = std::vector<Constant>;

bool stands_before(const Keys& left, const Keys& right, const std::vector<BoundOrder>& order) {
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto compared = compare(left[i], right[i]);
        if (compared != 0) return order[i].descending ? compared > 0 : compared < 0;
    }
    return false;
}

base::Result<std::vector<Element>> matching(const BoundOptions& options,
                                            const std::vector<Element>& elements,
                                            Evaluator& evaluator, RelatedValues& related) {
    std::vector<boost::json::value> values;
    values.reserve(elements.size());
    for (const Element& one : elements) {
        VMSECURITY_ASSIGN(boost::json::value parsed, codec::parse_json(one.json));
        values.push_back(std::move(parsed));
    }
    if (options.filter) VMSECURITY_TRY(related.prefetch(*options.filter, values));
    for (const BoundOrder& one : options.orderby) {
        VMSECURITY_TRY(related.prefetch(one.expression, values));
    }
    std::vector<std::size_t> places;
    std::vector<Keys> keys(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (options.filter && !evaluator.matches(*options.filter, values[i])) continue;
        places.push_back(i);
        for (const BoundOrder& one : options.orderby) {
            keys[i].push_back(evaluator.key(one.expression, values[i]));
        }
    }
    if (related.error()) return base::fail(*related.error());
    if (evaluator.exhausted()) {
        return base::fail(
            base::ErrorCode::kLimitExceeded,
            "The nested $filter or $orderby takes too long. Use fewer any() and all() "
            "inside each other, or ask for fewer objects.");
    }
    std::ranges::sort(places, [&](std::size_t left, std::size_t right) {
        if (stands_before(keys[left], keys[right], options.orderby)) return true;
        return left < right && !stands_before(keys[right], keys[left], options.orderby);
    });
    std::vector<Element> made;
    made.reserve(places.size());
    for (const std::size_t place : places) made.push_back(elements[place]);
    return made;
}

}  // namespace

base::Result<Chosen> choose(const BoundOptions& options, std::vector<Element> elements,
                            Evaluator& evaluator, RelatedValues& related) {
    if (options.filter || !options.orderby.empty()) {
        VMSECURITY_ASSIGN(elements, matching(options, elements, evaluator, related));
    }
    Chosen made{std::move(elements), 0};
    made.count = made.elements.size();
    const std::size_t skip = std::min<std::uint64_t>(options.skip, made.count);
    made.elements.erase(made.elements.begin(),
                        made.elements.begin() + static_cast<std::ptrdiff_t>(skip));
    if (options.top && *options.top < made.elements.size()) made.elements.resize(*options.top);
    return made;
}

}  // namespace vmsecurity::odata
