#include "model/schema/merge.h"

namespace vmsecurity::model::schema {
namespace {

// The members that an object with this discriminator has; all variants' without one.
const Schema& shape_of(const Schema& schema, const boost::json::object& object) {
    if (schema.discriminator.empty()) return schema;
    const Schema* variant = schema.variant(codec::text_member(object, schema.discriminator));
    return variant == nullptr ? schema : *variant;
}

// RFC 7386 as it is, for objects that nobody looks into.
void merge_plainly(boost::json::value& target, const boost::json::value& patch) {
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object()) target = boost::json::object();
    boost::json::object& object = target.get_object();
    for (const auto& member : patch.get_object()) {
        if (member.value().is_null()) {
            object.erase(member.key());
        } else {
            merge_plainly(object[member.key()], member.value());
        }
    }
}

void merge_value(const Type& type, boost::json::value& target, const boost::json::value& patch) {
    if (type.schema == nullptr || !patch.is_object()) return merge_plainly(target, patch);
    if (!target.is_object()) target = boost::json::object();
    merge_patch(*type.schema, target.get_object(), patch.get_object());
}

}  // namespace

void merge_patch(const Schema& schema, boost::json::object& target,
                 const boost::json::object& patch) {
    if (!schema.discriminator.empty()) {
        const boost::json::value* before = target.if_contains(schema.discriminator);
        const boost::json::value* after = patch.if_contains(schema.discriminator);
        if (before != nullptr && after != nullptr && *before != *after) target.clear();
    }
    const Schema& shape = shape_of(schema, patch.contains(schema.discriminator) ? patch : target);
    for (const auto& member : patch) {
        const Field* field = shape.find_in_any_variant(member.key());
        if (field == nullptr) continue;
        if (member.value().is_null()) {
            target.erase(member.key());
        } else {
            merge_value(field->type, target[member.key()], member.value());
        }
    }
}

}  // namespace vmsecurity::model::schema
