#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "odata/bound.h"

namespace vmsecurity::odata {

// What a path may start at: the object of a collection, or a value within one.
struct Start {
    Root root;
    const schema::Collection* collection = nullptr;  // the row is an object of this
    const schema::Type* type = nullptr;              // else: a value of this type,
    const schema::Collection* relation = nullptr;    // which may be the {"id"} of an object of this
};

// Follows names through objects, unions (a name is known if any variant has it) and relations.
// `names[first...]` start at `start`.
base::Result<BoundPath> resolve_path(const Start& start, const std::vector<Name>& names,
                                     std::size_t first, std::string_view target);

ValueKind value_kind(const schema::Type& type);

}  // namespace vmsecurity::odata
