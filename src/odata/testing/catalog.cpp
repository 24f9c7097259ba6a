#include "odata/testing/catalog.h"

#include <algorithm>

#include "odata/path_resolver.h"

namespace vmsecurity::odata::testing {
namespace {

class Walk {
  public:
    explicit Walk(Catalog& catalog) : catalog_(catalog) {}

    void objects_of(const schema::Collection& collection, const std::string& prefix,
                    int relations) {
        for (const schema::Field& field : collection.schema->fields) {
            if (std::ranges::find(collection.separate, field.name) == collection.separate.end()) {
                value(field.type, field.relation, join(prefix, field.name), relations);
            }
        }
    }

    void value(const schema::Type& type, const schema::Collection* relation,
               const std::string& path, int relations) {
        const ValueKind kind = value_kind(type);
        if (kind != ValueKind::kStructure) {
            catalog_.values.push_back({path, kind, type.enumeration});
            return;
        }
        if (!path.empty()) catalog_.structures.push_back({path, kind, {}});
        if (type.kind == schema::Kind::kArray) {
            if (!path.empty()) catalog_.arrays.push_back({path, type.element, relation});
        } else if (relation != nullptr) {
            catalog_.values.push_back({join(path, "id"), ValueKind::kText, {}});
            if (relations > 0) objects_of(*relation, path, relations - 1);
        } else if (type.schema != nullptr) {
            fields(*type.schema, path, relations);
        }
    }

  private:
    static std::string join(const std::string& prefix, std::string_view name) {
        return prefix.empty() ? std::string(name) : prefix + '/' + std::string(name);
    }

    void fields(const schema::Schema& schema, const std::string& path, int relations) {
        if (!schema.discriminator.empty() && schema.find(schema.discriminator) == nullptr) {
            catalog_.values.push_back({join(path, schema.discriminator), ValueKind::kText, {}});
        }
        for (const schema::Field& one : schema.fields) {
            value(one.type, one.relation, join(path, one.name), relations);
        }
        if (!schema.fields.empty()) return;
        for (const schema::Variant& variant : schema.variants) {
            fields(*variant.schema, path, relations);
        }
    }

    Catalog& catalog_;
};

}  // namespace

Catalog catalog_of(const schema::Collection& collection) {
    Catalog made;
    Walk(made).objects_of(collection, {}, 1);
    return made;
}

Catalog catalog_of_element(const schema::Type& element, const schema::Collection* relation) {
    Catalog made;
    Walk(made).value(element, relation, {}, 1);
    return made;
}

}  // namespace vmsecurity::odata::testing
