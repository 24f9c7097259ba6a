#pragma once

#include <string>
#include <string_view>

#include "model/schema/schema.h"
#include "service/web/entity_tag.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// RFC 9110 §8.8.3: the revision in quotes, or a digest where the collection has no revisions.
std::string entity_tag(const model::schema::Collection& collection, const store::Item& item);

using service::matches_entity_tag;

}  // namespace vmsecurity::apiserver
