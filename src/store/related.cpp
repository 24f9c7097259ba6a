#include "store/related.h"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "sql/query.h"
#include "store/json_array.h"

namespace vmsecurity::store {

base::Result<std::vector<std::optional<std::string>>> SnapshotObjects::documents(
    const model::schema::Collection& collection, std::span<const std::string> ids) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < ids.size(); ++i) places.emplace(ids[i], i);

    const bool sqlite = connection_.dialect() == sql::Dialect::kSqlite;
    const std::string text =
        fmt::format("SELECT t.id, t.document FROM {} AS t WHERE {}", collection.table,
                    sqlite ? "t.id IN (SELECT value FROM json_each($1))"
                           : "t.id = ANY(ARRAY(SELECT jsonb_array_elements_text($1::jsonb)))");
    std::vector<std::optional<std::string>> documents(ids.size());
    VMSECURITY_TRY(connection_.query(text, sql::bind(json_array(ids)), [&](const sql::Row& row) {
        const auto place = places.find(row.text(0));
        if (place != places.end()) documents[place->second] = std::string(row.text(1));
        return true;
    }));
    return documents;
}

}  // namespace vmsecurity::store
