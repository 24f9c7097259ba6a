#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "model/schema/display.h"

namespace vmsecurity::cli {

struct Column {
    std::string title;
    std::vector<std::string> paths;  // the first that leads to something is shown
    bool flexible = true;            // may be cut: text that is no id
    bool ranked = false;             // a severity: coloured
    std::size_t width = 0;           // that its values need, as far as its type says
};

// What a collection shows: `select`'s paths if it is not empty, else x-display of the API's
// description, else what has a column in its table.
std::vector<Column> columns_of(const model::schema::Display& display, std::string_view select);

// Of objects without a schema ($apply): the members of one of them, those of objects by path.
std::vector<Column> columns_of(const boost::json::object& row);

// The $expand that the columns' paths through relations need: "asset($select=name,id)".
std::string expansion_for(const model::schema::Collection& collection,
                          const std::vector<Column>& columns);

// One line, safe for a terminal.
std::string cell(const Column& column, const boost::json::object& object);

}  // namespace vmsecurity::cli
