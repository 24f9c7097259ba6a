#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/schema/schema.h"

namespace vmsecurity::store {

struct JsonMember {
    std::string_view name;
    std::string_view json;
};

// `document` (the canonical JSON of an object of `schema`) with `members` put in at their canonical
// places, without parsing the values: they may be tens of megabytes. Members that `document` has
// already are replaced.
std::string splice_members(const model::schema::Schema& schema, std::string_view document,
                           std::span<const JsonMember> members);

}  // namespace vmsecurity::store
