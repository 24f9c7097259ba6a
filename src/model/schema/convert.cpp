#include "model/schema/convert.h"

#include "model/schema/numbers.h"

namespace vmsecurity::model::schema {
namespace {

template <typename T>
bool take(const std::optional<T>& value, T& out, ReadFault& fault, std::string_view reason) {
    if (!value) return fault.fail(reason);
    out = *value;
    return true;
}

}  // namespace

bool read(const boost::json::value& value, std::string& out, ReadFault& fault) {
    const boost::json::string* text = value.if_string();
    if (text == nullptr) return fault.fail("must be text");
    out.assign(text->data(), text->size());
    return true;
}

bool read(const boost::json::value& value, std::int64_t& out, ReadFault& fault) {
    return take(whole_number(value), out, fault, "must be a whole number of 64 bits");
}

bool read(const boost::json::value& value, double& out, ReadFault& fault) {
    return take(real_number(value), out, fault, "must be a number");
}

bool read(const boost::json::value& value, bool& out, ReadFault& fault) {
    const bool* truth = value.if_bool();
    if (truth == nullptr) return fault.fail("must be true or false");
    out = *truth;
    return true;
}

bool read(const boost::json::value& value, Time& out, ReadFault& fault) {
    const boost::json::string* text = value.if_string();
    if (text == nullptr) return fault.fail("must be a date-time as text");
    return take(parse_time(*text), out, fault, "must be a date-time by RFC 3339");
}

bool read(const boost::json::value& value, boost::json::object& out, ReadFault& fault) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return fault.fail("must be an object");
    out = *object;
    return true;
}

}  // namespace vmsecurity::model::schema
