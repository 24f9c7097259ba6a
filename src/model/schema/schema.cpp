#include "model/schema/schema.h"

#include <algorithm>

namespace vmsecurity::model::schema {

const Field* Schema::find(std::string_view field) const {
    const auto found = std::ranges::find(fields, field, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

const Schema* Schema::variant(std::string_view value) const {
    const auto found = std::ranges::find(variants, value, &Variant::value);
    return found == variants.end() ? nullptr : found->schema;
}

const Field* Schema::find_in_any_variant(std::string_view field) const {
    if (const Field* found = find(field)) return found;
    for (const Variant& one : variants) {
        if (const Field* found = one.schema->find(field)) return found;
    }
    return nullptr;
}

}  // namespace vmsecurity::model::schema
