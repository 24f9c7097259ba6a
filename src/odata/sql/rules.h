#pragma once

#include <span>
#include <string_view>

#include "model/schema/schema.h"

namespace vmsecurity::odata::sql {

// What the store knows better than the schema. Texts are constant SQL of the store's own; {row} is
// the alias of the collection's table.

// `path eq value` (and ne, in) for a path that is no field of the document, or not only that.
// {values} is a comma list of one or more placeholders.
//
//   {&findings, "foundBy/id",
//    "{row}.row_id IN (SELECT f.row_id FROM ... WHERE c.asset_scan_id IN ({values}))"}
struct RelationRule {
    const model::schema::Collection* collection;
    std::string_view path;
    std::string_view equals;
};

// contains, startswith and endswith on a text path whose distinct values are kept in a table, also
// below tolower, toupper and trim. {match} is the call with `value` in the path's place.
//
//   {&findings, "findingInfo/name", "n.value",
//    "{row}.name IN (SELECT n.value FROM finding_names AS n WHERE n.field = 'name' AND {match})"}
struct DictionaryRule {
    const model::schema::Collection* collection;
    std::string_view path;
    std::string_view value;
    std::string_view condition;
};

struct Rules {
    std::span<const RelationRule> relations = {};
    std::span<const DictionaryRule> dictionaries = {};
};

}  // namespace vmsecurity::odata::sql
