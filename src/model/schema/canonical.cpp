#include "model/schema/canonical.h"

#include "model/schema/numbers.h"
#include "model/schema/time.h"

namespace vmsecurity::model::schema {
namespace {

using codec::JsonWriter;

void write_object(JsonWriter& out, const Schema& schema, const boost::json::object& object);

void write_number(JsonWriter& out, const boost::json::value& value) {
    if (const std::optional<std::int64_t> whole = whole_number(value)) {
        // Also -0.0, which would be 0 when read again.
        out.value(*whole);
    } else if (const std::uint64_t* natural = value.if_uint64()) {
        out.value(*natural);
    } else {
        out.value(value.get_double());
    }
}

void write_time(JsonWriter& out, std::string_view text) {
    if (const std::optional<Time> time = parse_time(text)) {
        out.value(format_time(*time));
    } else {
        out.value(text);
    }
}

void write_value(JsonWriter& out, const Type& type, const boost::json::value& value) {
    if (type.schema != nullptr && value.is_object()) {
        write_object(out, *type.schema, value.get_object());
    } else if (type.element != nullptr && value.is_array()) {
        out.begin_array();
        for (const boost::json::value& item : value.get_array())
            write_value(out, *type.element, item);
        out.end_array();
    } else if (type.kind == Kind::kTime && value.is_string()) {
        write_time(out, value.get_string());
    } else {
        write_json(out, value);
    }
}

void write_object(JsonWriter& out, const Schema& schema, const boost::json::object& object) {
    const Schema* shape = &schema;
    if (!schema.discriminator.empty()) {
        const Schema* variant = schema.variant(codec::text_member(object, schema.discriminator));
        if (variant != nullptr) shape = variant;
    }
    out.begin_object();
    std::size_t left = object.size();
    for (const Field& field : shape->fields) {
        if (left == 0) break;
        const boost::json::value* value = object.if_contains(field.name);
        if (value == nullptr) continue;
        --left;
        if (value->is_null() && !field.type.nullable) continue;
        out.key(field.name);
        write_value(out, field.type, *value);
    }
    out.end_object();
}

void drop_read_only(const Type& type, boost::json::value& value) {
    if (type.schema != nullptr && value.is_object()) {
        schema::drop_read_only(*type.schema, value.get_object());
    } else if (type.element != nullptr && value.is_array()) {
        for (boost::json::value& item : value.get_array()) drop_read_only(*type.element, item);
    }
}

}  // namespace

void write_json(JsonWriter& out, const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            return out.null();
        case boost::json::kind::bool_:
            return out.value(value.get_bool());
        case boost::json::kind::int64:
        case boost::json::kind::uint64:
        case boost::json::kind::double_:
            return write_number(out, value);
        case boost::json::kind::string:
            return out.value(std::string_view(value.get_string()));
        case boost::json::kind::array:
            out.begin_array();
            for (const boost::json::value& item : value.get_array()) write_json(out, item);
            return out.end_array();
        case boost::json::kind::object:
            out.begin_object();
            for (const auto& member : value.get_object()) {
                out.key(member.key());
                write_json(out, member.value());
            }
            return out.end_object();
    }
}

void drop_read_only(const Schema& schema, boost::json::object& object) {
    const Schema* shape = &schema;
    if (!schema.discriminator.empty()) {
        const Schema* variant = schema.variant(codec::text_member(object, schema.discriminator));
        if (variant != nullptr) shape = variant;
    }
    for (const Field& field : shape->fields) {
        if (object.empty()) return;
        const auto member = object.find(field.name);
        if (member == object.end()) continue;
        if (field.read_only) {
            object.erase(member);
        } else {
            drop_read_only(field.type, member->value());
        }
    }
}

std::string canonical_text(const Schema& schema, const boost::json::object& object) {
    JsonWriter out;
    write_object(out, schema, object);
    return out.take();
}

std::string canonical_text(const Type& type, const boost::json::value& value) {
    JsonWriter out;
    write_value(out, type, value);
    return out.take();
}

}  // namespace vmsecurity::model::schema
