#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema/schema.h"

namespace vmsecurity::store::transfer {

struct Column {
    std::string_view name;
    std::string_view type;  // in PostgreSQL: "text", "bigint", …
};

struct Table {
    std::string_view name;
    // Of a collection's table. Its hot columns are not in the file: they follow from the document,
    // by whatever columns the importing program has.
    const model::schema::Collection* collection = nullptr;
    std::vector<Column> columns;  // in the file
    std::string_view order;       // the same in both databases; rows keep theirs by it
};

// What is moved, in the order of the file. A step of the schema that adds a table has to name it
// here, or in tables_left_behind(); one that adds a column to a table which is no collection's gets
// NULL in it from older files, or has to see to it in import.cpp.
std::span<const Table> tables();
const Table* find_table(std::string_view name);  // nullptr: it is not moved

// Made anew, or of no use in another database.
std::span<const std::string_view> tables_left_behind();

}  // namespace vmsecurity::store::transfer
