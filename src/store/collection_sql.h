#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/schema/schema.h"
#include "sql/statement.h"

namespace vmsecurity::store {

// The statements of one collection's rows. Parameters of those that write: $1 id, $2 revision,
// $3 unique_key, $4 document, then the hot columns in the order of the collection.
struct CollectionSql {
    std::string find;         // $1 id -> id, revision, document
    std::string find_locked;  // the same, and no other transaction changes the row before this ends
    std::string find_by_key;  // $1 unique_key
    std::string exists;       // $1 id
    std::string insert;       // no row is changed where a unique index refuses it
    std::string update_same_key;  // no row is changed where the unique_key would change
    std::string update;
    std::string remove;  // $1 id

    std::vector<std::string_view> columns;  // of a row, for bulk inserts
    std::vector<std::string_view> types;    // theirs, in PostgreSQL
};

// Builds each collection's texts once. Safe to use from many threads.
class CollectionSqlCache {
  public:
    explicit CollectionSqlCache(sql::Dialect dialect) : dialect_(dialect) {}
    const CollectionSql& of(const model::schema::Collection& collection);

  private:
    sql::Dialect dialect_;
    std::mutex mutex_;
    std::unordered_map<const model::schema::Collection*, std::unique_ptr<CollectionSql>> texts_;
};

// The SQL type of a hot column; what the migrations have to declare.
std::string_view sql_type(sql::Dialect dialect, model::schema::ColumnType type);

}  // namespace vmsecurity::store
