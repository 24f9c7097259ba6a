#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "model/schema/schema.h"

namespace vmsecurity::model::schema {

// Removes what a client may not set, however deep: read-only members, and of relations all but the
// id. For bodies, before they are merged or stored.
void drop_read_only(const Schema& schema, boost::json::object& object);

// The one text of an object that is valid: compact, members in the order of the schema, unknown
// ones left out, times in UTC, null only where the schema allows it, numbers in their shortest
// form. Objects that nobody looks into (Kind::kAny) keep their members' order. Equal objects give
// equal texts, and the text of the text is itself.
std::string canonical_text(const Schema& schema, const boost::json::object& object);

// The text of one member, such as the results that an asset scan keeps apart.
std::string canonical_text(const Type& type, const boost::json::value& value);

// As it stands, compact.
void write_json(codec::JsonWriter& out, const boost::json::value& value);

}  // namespace vmsecurity::model::schema
