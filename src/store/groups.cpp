#include "store/groups.h"

#include "codec/json.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"
#include "model/schema/time.h"

namespace vmsecurity::store {
namespace {

namespace json = boost::json;

json::value value_of(const odata::ResultColumn& column, const sql::Row& row, int index) {
    if (row.is_null(index)) return nullptr;
    if (column.vocabulary && column.vocabulary->ranked) {
        const std::string_view word = column.vocabulary->word(row.integer(index));
        return word.empty() ? json::value(nullptr) : json::value(word);
    }
    switch (column.kind) {
        case odata::ValueKind::kBoolean:
            return row.integer(index) != 0;
        case odata::ValueKind::kInteger:
            return row.integer(index);
        case odata::ValueKind::kReal:
            return row.real(index);
        case odata::ValueKind::kTime:
            return json::value(
                model::schema::format_time(model::schema::from_nanoseconds(row.integer(index))));
        default:
            return json::value(row.text(index));
    }
}

void put(json::object& object, std::span<const std::string> path, json::value value) {
    json::value& member = object[path.front()];
    if (path.size() == 1) {
        member = std::move(value);
        return;
    }
    if (!member.is_object()) member.emplace_object();
    put(member.get_object(), path.subspan(1), std::move(value));
}

}  // namespace

std::string group_text(std::span<const odata::ResultColumn> columns, const sql::Row& row) {
    json::object object;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        put(object, columns[i].path, value_of(columns[i], row, static_cast<int>(i)));
    }
    codec::JsonWriter out;
    model::schema::write_json(out, object);
    return out.take();
}

}  // namespace vmsecurity::store
