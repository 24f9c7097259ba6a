#include "store/collection_sql.h"

#include <fmt/format.h>

namespace vmsecurity::store {
namespace {

using model::schema::Collection;
using model::schema::ColumnType;
using model::schema::HotColumn;
using sql::Dialect;

CollectionSql make_texts(Dialect dialect, const Collection& collection) {
    const std::string_view table = collection.table;
    std::string names = "id, revision, unique_key, document";
    std::string places = "$1, $2, $3, $4";
    std::string sets = "revision = $2, document = $4";
    CollectionSql texts;
    texts.columns = {"id", "revision", "unique_key", "document"};
    texts.types = {"text", "bigint", "text", "text"};
    int place = 4;
    for (const HotColumn& column : collection.columns) {
        ++place;
        names += fmt::format(", {}", column.name);
        places += fmt::format(", ${}", place);
        sets += fmt::format(", {} = ${}", column.name, place);
        texts.columns.push_back(column.name);
        texts.types.push_back(sql_type(Dialect::kPostgres, column.type));
    }
    texts.find = fmt::format("SELECT id, revision, document FROM {} WHERE id = $1", table);
    texts.find_locked = texts.find + (dialect == Dialect::kPostgres ? " FOR UPDATE" : "");
    texts.find_by_key =
        fmt::format("SELECT id, revision, document FROM {} WHERE unique_key = $1", table);
    texts.exists = fmt::format("SELECT 1 FROM {} WHERE id = $1", table);
    texts.insert =
        fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING", table, names, places);
    texts.update_same_key = fmt::format(
        "UPDATE {} SET {} WHERE id = $1 AND unique_key IS NOT DISTINCT FROM $3", table, sets);
    texts.update = fmt::format(
        "UPDATE {0} SET {1}, unique_key = $3 WHERE id = $1 AND NOT EXISTS "
        "(SELECT 1 FROM {0} AS other WHERE other.unique_key = $3 AND other.id <> $1)",
        table, sets);
    texts.remove = fmt::format("DELETE FROM {} WHERE id = $1", table);
    return texts;
}

}  // namespace

const CollectionSql& CollectionSqlCache::of(const Collection& collection) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<CollectionSql>& texts = texts_[&collection];
    if (!texts) texts = std::make_unique<CollectionSql>(make_texts(dialect_, collection));
    return *texts;
}

std::string_view sql_type(Dialect dialect, ColumnType type) {
    const bool sqlite = dialect == Dialect::kSqlite;
    switch (type) {
        case ColumnType::kText:
            return "text";
        case ColumnType::kInteger:
        case ColumnType::kTime:
            return sqlite ? "integer" : "bigint";
        case ColumnType::kReal:
            return sqlite ? "real" : "double precision";
        case ColumnType::kBoolean:
            return sqlite ? "integer" : "boolean";
        case ColumnType::kRank:
            return sqlite ? "integer" : "smallint";
    }
    return "text";
}

}  // namespace vmsecurity::store
