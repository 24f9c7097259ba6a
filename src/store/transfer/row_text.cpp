#include "store/transfer/row_text.h"

#include "base/secrets.h"
#include "base/text.h"
#include "codec/json_writer.h"

namespace vmsecurity::store::transfer {
namespace {

using base::ErrorCode;
using sql::Value;

base::Error not_of_column(const Column& column) {
    return {ErrorCode::kCorrupt,
            "A row holds no " + std::string(column.type) + " in " + std::string(column.name) + '.',
            {},
            {}};
}

base::Result<Value> value_of(const boost::json::value& json, const Column& column) {
    if (json.is_null()) return Value{};
    if (column.type == "text" && json.is_string()) {
        // PostgreSQL cannot hold U+0000 in text; neither database is sent any.
        std::string text(json.get_string());
        if (text.find('\0') == std::string::npos) return text;
    } else if (column.type == "bytea" && json.is_string()) {
        auto bytes = base::from_base64url(std::string_view(json.get_string()));
        if (bytes) return sql::Blob{*std::move(bytes)};
    } else if (column.type == "boolean" && json.is_bool()) {
        return json.get_bool();
    } else if (column.type == "double precision" && json.is_number()) {
        return json.to_number<double>();
    } else if ((column.type == "bigint" || column.type == "smallint") && json.is_int64()) {
        return json.get_int64();
    }
    return base::fail(not_of_column(column));
}

}  // namespace

base::Result<std::string> row_text(const sql::Row& row, std::span<const Column> columns) {
    codec::JsonWriter out;
    out.begin_array();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string_view type = columns[i].type;
        const int place = static_cast<int>(i);
        if (row.is_null(place)) {
            out.null();
        } else if (type == "text") {
            const std::string_view text = row.text(place);
            if (!base::is_valid_utf8(text)) {
                return base::fail(
                    ErrorCode::kCorrupt,
                    "A row holds text that is no UTF-8 in " + std::string(columns[i].name) + '.',
                    base::escape_bytes(row.text(0)));
            }
            out.value(text);
        } else if (type == "bytea") {
            out.value(base::to_base64url(row.text(place)));
        } else if (type == "boolean") {
            out.value(row.integer(place) != 0);
        } else if (type == "double precision") {
            out.value(row.real(place));
        } else {
            out.value(row.integer(place));
        }
    }
    out.end_array();
    return out.take();
}

base::Result<std::vector<Value>> row_values(const boost::json::array& line,
                                            std::span<const Column> columns) {
    if (line.size() != columns.size()) {
        return base::fail(ErrorCode::kCorrupt, "A row has not as many values as columns.");
    }
    std::vector<Value> values;
    values.reserve(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        VMSECURITY_ASSIGN(Value value, value_of(line[i], columns[i]));
        values.push_back(std::move(value));
    }
    return values;
}

}  // namespace vmsecurity::store::transfer
