// Made by tools/apigen from api/openapi.yaml.
#include "model/api/json.h"

namespace vmsecurity::model::api {

using schema::ReadFault;
using schema::read_member;
using schema::write_member;

bool read(const boost::json::value& value, ThingRelationship& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    return read_member(*object, "id", out.id, fault) &&
           read_member(*object, "seen", out.seen, fault);
}
boost::json::value write(const ThingRelationship& value) {
    boost::json::object object;
    write_member(object, "id", value.id);
    write_member(object, "seen", value.seen);
    return object;
}

bool read(const boost::json::value& value, Thing& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    return read_member(*object, "@odata.weight", out.odata_weight, fault) &&
           read_member(*object, "id", out.id, fault) &&
           read_member(*object, "info", out.info, fault) &&
           read_member(*object, "labels", out.labels, fault) &&
           read_member(*object, "note", out.note, fault) &&
           read_member(*object, "owner", out.owner, fault) &&
           read_member(*object, "raw", out.raw, fault) &&
           read_member(*object, "seen", out.seen, fault);
}
boost::json::value write(const Thing& value) {
    boost::json::object object;
    write_member(object, "@odata.weight", value.odata_weight);
    write_member(object, "id", value.id);
    write_member(object, "info", value.info);
    write_member(object, "labels", value.labels);
    write_member(object, "note", value.note);
    write_member(object, "owner", value.owner);
    write_member(object, "raw", value.raw);
    write_member(object, "seen", value.seen);
    return object;
}

}  // namespace vmsecurity::model::api
