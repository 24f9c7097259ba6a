#include "model/schema/csv.h"

#include <algorithm>

#include "base/text.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"

namespace vmsecurity::model::schema {

namespace {

constexpr std::size_t kMaxDepth = 6;

void collect(const Schema& schema, const std::string& prefix, std::size_t depth,
             CsvColumns& columns);

void collect_field(const Field& field, const std::string& prefix, std::size_t depth,
                   CsvColumns& columns) {
    const std::string path = prefix + std::string(field.name);
    if (field.relation != nullptr && field.type.kind == Kind::kObject) {
        columns.push_back(path + "/id");
    } else if (field.type.schema != nullptr && field.type.kind != Kind::kArray &&
               depth < kMaxDepth) {
        collect(*field.type.schema, path + "/", depth + 1, columns);
    } else {
        columns.push_back(path);
    }
}

void collect(const Schema& schema, const std::string& prefix, std::size_t depth,
             CsvColumns& columns) {
    const auto once = [&](const Field& field) {
        CsvColumns found;
        collect_field(field, prefix, depth, found);
        for (std::string& column : found) {
            if (std::ranges::find(columns, column) == columns.end()) {
                columns.push_back(std::move(column));
            }
        }
    };
    for (const Field& field : schema.fields) once(field);
    for (const Variant& variant : schema.variants) {
        for (const Field& field : variant.schema->fields) once(field);
    }
}

}  // namespace

const boost::json::value* value_at(const boost::json::object& object, std::string_view path) {
    const boost::json::object* here = &object;
    const boost::json::value* found = nullptr;
    for (const std::string_view name : base::split(path, '/')) {
        if (here == nullptr) return nullptr;
        found = here->if_contains(name);
        if (found == nullptr) return nullptr;
        here = found->if_object();
    }
    return found;
}

namespace {

void append_cell(std::string& row, std::string_view text, bool is_text) {
    constexpr std::string_view kFormula = "=+-@\t\r";
    const bool formula =
        is_text && !text.empty() && kFormula.find(text.front()) != std::string_view::npos;
    if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        row += text;
        return;
    }
    row += '"';
    if (formula) row += '\'';
    for (const char c : text) row.append(c == '"' ? 2 : 1, c);
    row += '"';
}

}  // namespace

CsvColumns csv_columns(const Schema& schema) {
    CsvColumns columns;
    collect(schema, {}, 0, columns);
    return columns;
}

std::string csv_header(const CsvColumns& columns) {
    std::string row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) row += ',';
        append_cell(row, columns[i], true);
    }
    return row + "\r\n";
}

std::string csv_row(const CsvColumns& columns, const boost::json::object& object) {
    std::string row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) row += ',';
        const boost::json::value* value = value_at(object, columns[i]);
        if (value == nullptr || value->is_null()) continue;
        if (value->is_string()) {
            append_cell(row, std::string_view(value->get_string()), true);
        } else {
            codec::JsonWriter writer;
            write_json(writer, *value);
            append_cell(row, writer.text(), false);
        }
    }
    return row + "\r\n";
}

}  // namespace vmsecurity::model::schema
