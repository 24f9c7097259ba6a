#pragma once

#include <string>
#include <string_view>

#include "model/schema/schema.h"
#include "net/http/message.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// RFC 9110 §8.8.3: the revision in quotes, or a digest where the collection has no revisions.
std::string entity_tag(const model::schema::Collection& collection, const store::Item& item);

// True if If-None-Match names the tag (weak comparison, §13.1.2).
bool matches_entity_tag(const net::Request& request, std::string_view tag);

}  // namespace vmsecurity::apiserver
