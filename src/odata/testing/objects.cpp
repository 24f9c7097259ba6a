#include "odata/testing/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/schema/canonical.h"
#include "model/schema/columns.h"

namespace vmsecurity::odata::testing {
namespace {

using ::vmsecurity::sql::Connection;
using ::vmsecurity::sql::Dialect;
using ::vmsecurity::sql::Value;

constexpr std::size_t kRelated = 12;  // objects of each related collection

std::string id_of(std::size_t index) {
    return fmt::format("id-{}", index);
}

std::string_view sql_type(schema::ColumnType type) {
    switch (type) {
        case schema::ColumnType::kText:
            return "text";
        case schema::ColumnType::kReal:
            return "double precision";
        case schema::ColumnType::kBoolean:
            return "boolean";
        case schema::ColumnType::kRank:
            return "smallint";
        default:
            return "bigint";
    }
}

sql::Value to_sql(model::schema::ColumnValue value) {
    return std::visit([](auto&& one) -> Value { return std::move(one); }, std::move(value));
}

std::string text_type(const Connection& connection) {
    return connection.dialect() == Dialect::kSqlite ? "text" : "text COLLATE \"C\"";
}

base::Result<void> make_table(Connection& connection, const schema::Collection& collection) {
    const std::string text = text_type(connection);
    std::string script = fmt::format(
        "CREATE TABLE {} (row_id bigint PRIMARY KEY, id {} UNIQUE, document text NOT NULL",
        collection.table, text);
    for (const schema::HotColumn& column : collection.columns) {
        const std::string_view type = sql_type(column.type);
        script += fmt::format(", {} {}", column.name, type == "text" ? text : type);
    }
    return connection.execute_script(script + ")");
}

base::Result<void> fill_table(Connection& connection, const schema::Collection& collection,
                              const std::vector<StoredObject>& objects) {
    std::vector<std::string_view> names = {"row_id", "id", "document"};
    std::vector<std::string_view> types = {"bigint", "text", "text"};
    for (const schema::HotColumn& column : collection.columns) {
        names.push_back(column.name);
        types.push_back(sql_type(column.type));
    }
    std::vector<std::vector<Value>> rows;
    for (const StoredObject& one : objects) {
        std::vector<Value>& row = rows.emplace_back();
        row.insert(row.end(), {one.row_id, one.id, one.document});
        for (auto& value : model::schema::column_values(collection, one.value.as_object())) {
            row.push_back(to_sql(std::move(value)));
        }
    }
    VMSECURITY_TRY(connection.insert_rows(collection.table, names, types, rows));
    return {};
}

}  // namespace

void StoredObjects::add(const schema::Collection& collection, boost::json::object document) {
    std::vector<StoredObject>& all = objects_[&collection];
    for (const std::string_view name : collection.separate) document.erase(name);
    if (!document.contains("id")) document["id"] = id_of(all.size());
    StoredObject one;
    one.row_id = static_cast<std::int64_t>(3 * all.size() + 1);
    one.id = codec::text_member(document, "id");
    one.document = model::schema::canonical_text(*collection.schema, document);
    one.value = boost::json::parse(one.document);
    all.push_back(std::move(one));
}

RandomObjects::RandomObjects(const schema::Collection& collection, std::size_t count,
                             std::uint64_t seed)
    : collection_(&collection), random_(seed) {
    add_all(collection, count, 2);
}

void RandomObjects::add_all(const schema::Collection& collection, std::size_t count,
                            int relations) {
    if (has(collection)) return;
    add_collection(collection);
    for (std::size_t i = 0; i < count; ++i) {
        boost::json::object document = object(*collection.schema);
        document["id"] = id_of(i);
        add(collection, std::move(document));
    }
    if (relations == 0) return;
    for (const schema::Field& field : collection.schema->fields) {
        if (field.relation != nullptr) add_all(*field.relation, kRelated, relations - 1);
    }
}

boost::json::object RandomObjects::object(const schema::Schema& schema) {
    const schema::Schema* shape = &schema;
    boost::json::object made;
    if (!schema.variants.empty()) {
        const schema::Variant& variant = random_.pick(schema.variants);
        shape = variant.schema;
        made[schema.discriminator] = variant.value;
    }
    for (const schema::Field& field : shape->fields) {
        if (made.contains(field.name) || !random_.chance(field.required ? 100 : 65)) continue;
        made[field.name] = value(field.type, field.relation);
    }
    return made;
}

boost::json::value RandomObjects::value(const schema::Type& type,
                                        const schema::Collection* relation) {
    if (type.nullable && random_.chance(20)) return nullptr;
    switch (type.kind) {
        case schema::Kind::kString:
            if (!type.enumeration.empty())
                return boost::json::value(random_.pick(type.enumeration));
            return boost::json::value(random_text(random_));
        case schema::Kind::kInteger:
            return random_integer(random_);
        case schema::Kind::kNumber:
            return random_real(random_);
        case schema::Kind::kBoolean:
            return random_.chance(50);
        case schema::Kind::kTime:
            return boost::json::value(random_time(random_));
        case schema::Kind::kArray: {
            boost::json::array made;
            for (std::size_t i = random_.below(4); i > 0; --i) {
                made.push_back(value(*type.element, relation));
            }
            return made;
        }
        case schema::Kind::kAny:
            return boost::json::object{{random_text(random_), random_text(random_)}, {"n", 1.5}};
        default:
            break;
    }
    if (relation == nullptr) return object(*type.schema);
    return boost::json::object{{"id", id_of(random_.below(kRelated + 2))}};  // some are gone
}

const boost::json::value* StoredObjects::find(const schema::Collection& collection,
                                              std::string_view id) {
    const auto objects = objects_.find(&collection);
    if (objects == objects_.end()) return nullptr;
    const auto found = std::ranges::find(objects->second, id, &StoredObject::id);
    return found == objects->second.end() ? nullptr : &found->value;
}

base::Result<void> StoredObjects::write(::vmsecurity::sql::Connection& connection) const {
    std::set<const schema::Collection*> collections;
    for (const auto& [collection, objects] : objects_) {
        collections.insert(collection);
        for (const schema::Field& field : collection->schema->fields) {
            if (field.relation == nullptr) continue;
            collections.insert(field.relation);
            for (const schema::Field& next : field.relation->schema->fields) {
                if (next.relation != nullptr) collections.insert(next.relation);
            }
        }
    }
    for (const schema::Collection* collection : collections) {
        VMSECURITY_TRY(make_table(connection, *collection));
        const auto objects = objects_.find(collection);
        if (objects == objects_.end()) continue;
        VMSECURITY_TRY(fill_table(connection, *collection, objects->second));
    }
    return {};
}

}  // namespace vmsecurity::odata::testing
