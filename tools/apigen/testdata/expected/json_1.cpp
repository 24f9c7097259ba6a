// Made by tools/apigen from api/openapi.yaml.
#include "model/api/json.h"

namespace vmsecurity::model::api {

using schema::ReadFault;
using schema::read_member;
using schema::write_member;

bool read(const boost::json::value& value, FlawSeverity& out, ReadFault& fault) {
    const boost::json::string* text = value.if_string();
    if (text != nullptr && parse(*text, out)) return true;
    return fault.fail("must be one of LOW, MEDIUM, HIGH");
}
boost::json::value write(FlawSeverity value) {
    return boost::json::value(to_string(value));
}

bool read(const boost::json::value& value, SettingSeverity& out, ReadFault& fault) {
    const boost::json::string* text = value.if_string();
    if (text != nullptr && parse(*text, out)) return true;
    return fault.fail("must be one of Weak, Grave");
}
boost::json::value write(SettingSeverity value) {
    return boost::json::value(to_string(value));
}

bool read(const boost::json::value& value, Metadata& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    return read_member(*object, "note", out.note, fault);
}
boost::json::value write(const Metadata& value) {
    boost::json::object object;
    write_member(object, "note", value.note);
    return object;
}

bool read(const boost::json::value& value, Flaw& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    return read_member(*object, "score", out.score, fault) &&
           read_member(*object, "severity", out.severity, fault);
}
boost::json::value write(const Flaw& value) {
    boost::json::object object;
    object.emplace("kind", "flaw");
    write_member(object, "score", value.score);
    write_member(object, "severity", value.severity);
    return object;
}

bool read(const boost::json::value& value, Setting& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    return read_member(*object, "name", out.name, fault) &&
           read_member(*object, "severity", out.severity, fault);
}
boost::json::value write(const Setting& value) {
    boost::json::object object;
    object.emplace("kind", "setting");
    write_member(object, "name", value.name);
    write_member(object, "severity", value.severity);
    return object;
}

bool read(const boost::json::value& value, Info& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    const std::string_view word = codec::text_member(*object, "kind");
    if (word == "flaw") return read(value, out.emplace<Flaw>(), fault);
    if (word == "setting") return read(value, out.emplace<Setting>(), fault);
    fault.fail("must be one of flaw, setting");
    return fault.below("kind");
}
boost::json::value write(const Info& value) {
    return std::visit([](const auto& variant) { return write(variant); }, value);
}

}  // namespace vmsecurity::model::api
