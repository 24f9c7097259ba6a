#include "store/row_values.h"

#include "model/schema/canonical.h"
#include "model/schema/columns.h"
#include "sql/query.h"

namespace vmsecurity::store {
namespace {

using model::schema::Collection;
using model::schema::ColumnValue;
using model::schema::Field;

// Takes the members with rows of their own out of the document.
void take_separate(const Collection& collection, boost::json::object& document, PreparedRow& row) {
    for (const std::string_view member : collection.separate) {
        const auto found = document.find(member);
        if (found == document.end()) continue;
        if (const Field* field = collection.schema->find(member)) {
            row.separate.emplace_back(member,
                                      model::schema::canonical_text(field->type, found->value()));
        }
        document.erase(found);
    }
}

}  // namespace

base::Result<PreparedRow> prepare_row(const Collection& collection, NewItem item) {
    if (item.id.empty() || item.id.find('\0') != std::string::npos ||
        (item.unique_key && item.unique_key->find('\0') != std::string::npos)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "Ids and unique keys are texts without U+0000.");
    }
    PreparedRow row;
    item.document["id"] = item.id;
    if (collection.has_revision) item.document["revision"] = item.revision;
    take_separate(collection, item.document, row);
    row.item = {std::move(item.id), item.revision,
                model::schema::canonical_text(*collection.schema, item.document)};

    auto columns = model::schema::column_values(collection, item.document);
    row.values.reserve(columns.size() + 4);
    row.values.emplace_back(row.item.id);
    row.values.emplace_back(row.item.revision);
    row.values.push_back(sql::to_value(std::move(item.unique_key)));
    row.values.emplace_back(row.item.document);
    for (ColumnValue& column : columns) {
        row.values.push_back(std::visit(
            [](auto&& value) { return sql::Value(std::forward<decltype(value)>(value)); },
            std::move(column)));
    }
    return row;
}

}  // namespace vmsecurity::store
