#pragma once

#include <string_view>
#include <vector>

#include "odata/project/related.h"

namespace vmsecurity::odata {

// An element of an array, of which options choose.
struct Element {
    std::string_view json;   // what filter and order look at
    std::string_view shown;  // what stands for it in the answer
};

struct Chosen {
    std::vector<Element> elements;
    std::size_t count = 0;  // that match the filter, whatever $top and $skip say
};

// Applies $filter, $orderby, $skip and $top of `options`. Elements that are equal in the order keep
// theirs. kLimitExceeded where the evaluator's steps are used up.
base::Result<Chosen> choose(const BoundOptions& options, std::vector<Element> elements,
                            Evaluator& evaluator, RelatedValues& related);

}  // namespace vmsecurity::odata
