#pragma once

#include "codec/json.h"
#include "model/schema/schema.h"

namespace vmsecurity::model::schema {

// Applies a merge patch (RFC 7386) to a stored object: null removes a member, objects merge, all
// else is replaced; what the patch does not name stays. Unlike RFC 7386, a patch that names another
// variant of a union replaces the union's object, of which nothing would fit, and members that the
// schema does not know are left out.
void merge_patch(const Schema& schema, boost::json::object& target,
                 const boost::json::object& patch);

}  // namespace vmsecurity::model::schema
