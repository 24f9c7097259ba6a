// Made by tools/apigen from api/openapi.yaml.
#pragma once

#include "base/result.h"
#include "codec/json.h"
#include "model/api/types.h"
#include "model/schema/convert.h"

// Objects from and to JSON. Unknown members are passed over; limits (lengths, ranges) are the
// business of schema::validate(). write() puts members in the canonical order.
namespace vmsecurity::model::api {

using schema::read;
using schema::write;

bool read(const boost::json::value& value, Metadata& out, schema::ReadFault& fault);
boost::json::value write(const Metadata& value);
bool read(const boost::json::value& value, Flaw& out, schema::ReadFault& fault);
boost::json::value write(const Flaw& value);
bool read(const boost::json::value& value, Setting& out, schema::ReadFault& fault);
boost::json::value write(const Setting& value);
bool read(const boost::json::value& value, Info& out, schema::ReadFault& fault);
boost::json::value write(const Info& value);
bool read(const boost::json::value& value, ThingRelationship& out, schema::ReadFault& fault);
boost::json::value write(const ThingRelationship& value);
bool read(const boost::json::value& value, Thing& out, schema::ReadFault& fault);
boost::json::value write(const Thing& value);

bool read(const boost::json::value& value, FlawSeverity& out, schema::ReadFault& fault);
boost::json::value write(FlawSeverity value);
bool read(const boost::json::value& value, SettingSeverity& out, schema::ReadFault& fault);
boost::json::value write(SettingSeverity value);

// An object from JSON: from_json<Asset>(value). kInvalidArgument says in `where` which member is
// wrong, as a JSON pointer.
template <typename T>
base::Result<T> from_json(const boost::json::value& value) {
    T result{};
    schema::ReadFault fault;
    if (read(value, result, fault)) return result;
    return base::fail(base::ErrorCode::kInvalidArgument, std::move(fault.reason), std::move(fault.pointer));
}

}  // namespace vmsecurity::model::api
