#include "model/schema/columns.h"

#include <algorithm>

#include "model/schema/numbers.h"
#include "model/schema/time.h"

namespace vmsecurity::model::schema {
namespace {

const boost::json::value* value_at(const boost::json::object& document, std::string_view path) {
    const boost::json::object* object = &document;
    for (;;) {
        const std::size_t slash = path.find('/');
        const boost::json::value* value = object->if_contains(path.substr(0, slash));
        if (value == nullptr || slash == std::string_view::npos) return value;
        object = value->if_object();
        if (object == nullptr) return nullptr;
        path.remove_prefix(slash + 1);
    }
}

std::string without_nul(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t start = 0;;) {
        const std::size_t nul = text.find('\0', start);
        result += text.substr(start, nul - start);
        if (nul == std::string_view::npos) return result;
        result += "\uFFFD";
        start = nul + 1;
    }
}

ColumnValue text_value(const HotColumn& column, std::string_view text) {
    if (column.type == ColumnType::kText) return without_nul(text);
    if (column.type == ColumnType::kTime) {
        const std::optional<Time> time = parse_time(text);
        return time ? ColumnValue(to_nanoseconds(*time)) : ColumnValue();
    }
    if (column.type == ColumnType::kRank && column.field != nullptr) {
        const std::int64_t rank = rank_of(column.field->type, text);
        return rank < 0 ? ColumnValue() : ColumnValue(rank);
    }
    return {};
}

ColumnValue column_value(const HotColumn& column, const boost::json::value& value) {
    if (const boost::json::string* text = value.if_string()) return text_value(column, *text);
    if (column.type == ColumnType::kBoolean && value.is_bool()) return value.get_bool();
    if (column.type == ColumnType::kInteger) {
        const std::optional<std::int64_t> number = whole_number(value);
        return number ? ColumnValue(*number) : ColumnValue();
    }
    if (column.type == ColumnType::kReal) {
        const std::optional<double> number = real_number(value);
        return number ? ColumnValue(*number) : ColumnValue();
    }
    return {};
}

}  // namespace

std::int64_t rank_of(const Type& type, std::string_view word) {
    const auto found = std::ranges::find(type.enumeration, word);
    return found == type.enumeration.end() ? -1 : found - type.enumeration.begin();
}

std::vector<ColumnValue> column_values(const Collection& collection,
                                       const boost::json::object& document) {
    std::vector<ColumnValue> values;
    values.reserve(collection.columns.size());
    for (const HotColumn& column : collection.columns) {
        const boost::json::value* value = value_at(document, column.path);
        values.push_back(value == nullptr ? ColumnValue() : column_value(column, *value));
    }
    return values;
}

}  // namespace vmsecurity::model::schema
