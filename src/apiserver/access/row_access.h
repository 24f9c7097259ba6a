#pragma once

#include <optional>

#include "apiserver/access/principal.h"
#include "apiserver/http/answer.h"
#include "base/result.h"
#include "codec/json.h"
#include "model/schema/schema.h"
#include "odata/bound.h"

// Who may see and change which objects of a collection, where the role alone does not say it.
namespace vmsecurity::apiserver {

// Whether objects of the collection belong to whoever made them.
bool has_owners(const model::schema::Collection& collection);

// Narrows a query to the objects that the sender may see: of saved views their own and the shared
// ones.
base::Result<void> restrict_query(const model::schema::Collection& collection,
                                  const Principal& principal, odata::BoundQuery& query);

// Whether the sender may see that an object is there at all; otherwise it answers as if it were
// not.
bool may_see(const model::schema::Collection& collection, const Principal& principal,
             const boost::json::object& object);

// Why the sender may not make `after` of `before` (null: create; `after` null: delete).
std::optional<Refusal> refuse_write(const model::schema::Collection& collection,
                                    const Principal& principal, const boost::json::object* before,
                                    const boost::json::object* after);

}  // namespace vmsecurity::apiserver
