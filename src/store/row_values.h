#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/statement.h"
#include "store/store.h"

namespace vmsecurity::store {

// An object as its row.
struct PreparedRow {
    Item item;
    // id, revision, unique_key, document, then the hot columns: the parameters of CollectionSql.
    std::vector<sql::Value> values;
    // Members with rows of their own: name and canonical JSON.
    std::vector<std::pair<std::string, std::string>> separate;
};

// Sets the document's "id" (and "revision", where the collection has one) to those of the item.
base::Result<PreparedRow> prepare_row(const model::schema::Collection& collection, NewItem item);

}  // namespace vmsecurity::store
