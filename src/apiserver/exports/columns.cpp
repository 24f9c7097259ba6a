#include "apiserver/exports/columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace vmsecurity::apiserver {

namespace {

using model::schema::CsvColumns;

bool lies_in(std::string_view column, std::string_view path) {
    return column.starts_with(path) && (column.size() == path.size() || column[path.size()] == '/');
}

CsvColumns columns_of(const model::schema::Schema& schema, const odata::BoundOptions& options) {
    CsvColumns all = model::schema::csv_columns(schema);
    for (const odata::BoundExpansion& expansion : options.expand) {
        const std::string path = fmt::format("{}", fmt::join(expansion.path, "/"));
        const auto place = std::ranges::find(all, path + "/id");
        if (place == all.end()) continue;  // an array of them: one column
        CsvColumns related = columns_of(*expansion.collection->schema, *expansion.options);
        for (std::string& column : related) column.insert(0, path + '/');
        all.insert(all.erase(place), related.begin(), related.end());
    }
    if (options.select.empty()) return all;
    CsvColumns selected;
    for (std::string& column : all) {
        const auto names = [&](const odata::BoundSelection& selection) {
            return lies_in(column, fmt::format("{}", fmt::join(selection.path, "/")));
        };
        if (std::ranges::any_of(options.select, names)) selected.push_back(std::move(column));
    }
    return selected;
}

}  // namespace

CsvColumns csv_columns(const odata::BoundQuery& query) {
    if (!query.apply || !query.apply->grouped) {
        return columns_of(*query.collection->schema, query.options);
    }
    CsvColumns columns;
    for (const odata::ResultColumn& column : query.apply->columns) {
        columns.push_back(fmt::format("{}", fmt::join(column.path, "/")));
    }
    return columns;
}

}  // namespace vmsecurity::apiserver
