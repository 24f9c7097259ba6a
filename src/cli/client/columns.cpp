#include "cli/client/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cli/console/text_table.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"
#include "model/schema/csv.h"

namespace vmsecurity::cli {
namespace {

using model::schema::Collection;
using model::schema::Field;
using model::schema::Kind;
using model::schema::Schema;

constexpr std::size_t kIdWidth = 36;    // of a UUID
constexpr std::size_t kTimeWidth = 20;  // of seconds in UTC
constexpr std::size_t kTextWidth = 24;

const Field* field_at(const Schema& schema, std::string_view path) {
    const Schema* here = &schema;
    const Field* found = nullptr;
    for (const std::string_view name : base::split(path, '/')) {
        found = here == nullptr ? nullptr : here->find_in_any_variant(name);
        if (found == nullptr) return nullptr;
        here = found->type.schema;
    }
    return found;
}

bool is_id(std::string_view path) {
    return path == "id" || path.ends_with("/id");
}

Column make_column(const Schema& schema, std::string title, std::vector<std::string> paths) {
    Column column{std::move(title), std::move(paths), true, false, kTextWidth};
    const std::string& first = column.paths.front();
    const Field* field = field_at(schema, first);
    if (is_id(first)) {
        column.flexible = false;
        column.width = kIdWidth;
    } else if (field != nullptr) {
        const auto& type = field->type;
        column.flexible = type.kind == Kind::kAny || type.kind == Kind::kArray ||
                          (type.kind == Kind::kString && type.enumeration.empty());
        column.ranked = type.ranked;
        if (!type.enumeration.empty()) {
            column.width = std::ranges::max(type.enumeration, {}, &std::string_view::size).size();
        } else if (type.kind == Kind::kTime) {
            column.width = kTimeWidth;
        } else if (!column.flexible) {
            column.width = 0;
        }
    }
    column.width = std::max(column.width, display_width(column.title));
    return column;
}

// Commas inside parentheses belong to a nested option.
std::vector<std::string> selected_paths(std::string_view select) {
    std::vector<std::string> paths(1);
    int depth = 0;
    for (const char c : select) {
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c == ',' && depth == 0) {
            paths.emplace_back();
        } else if (depth == 0 && c != ')') {
            paths.back() += c;
        }
    }
    for (std::string& path : paths) path = base::trim(path);
    std::erase(paths, std::string());
    return paths;
}

void flatten(const boost::json::object& object, const std::string& prefix,
             std::vector<Column>& columns) {
    for (const auto& member : object) {
        const std::string path = prefix + std::string(member.key());
        if (member.value().is_object()) {
            flatten(member.value().get_object(), path + "/", columns);
        } else {
            columns.push_back({path, {path}, member.value().is_string(), false, 0});
        }
    }
}

std::string text_of(const boost::json::value& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return base::printable(std::string(value.get_string()));
    if (value.is_array()) {
        std::vector<std::string> parts;
        for (const auto& element : value.get_array()) parts.push_back(text_of(element));
        return fmt::format("{}", fmt::join(parts, ", "));
    }
    codec::JsonWriter writer;
    model::schema::write_json(writer, value);
    return base::printable(writer.take());
}

}  // namespace

std::vector<Column> columns_of(const model::schema::Display& display, std::string_view select) {
    const Collection& collection = *display.collection;
    std::vector<Column> columns;
    const auto add = [&](std::string title, std::vector<std::string> paths) {
        columns.push_back(make_column(*collection.schema, std::move(title), std::move(paths)));
    };
    for (const std::string& path : selected_paths(select)) add(path, {path});
    if (!columns.empty()) return columns;
    for (const auto& column : display.columns) {
        add(std::string(column.title), {column.paths.begin(), column.paths.end()});
    }
    if (!columns.empty()) return columns;
    for (const auto& column : collection.columns) {
        add(std::string(column.path), {std::string(column.path)});
    }
    if (collection.schema->find("id") != nullptr) add("ID", {"id"});
    return columns;
}

std::vector<Column> columns_of(const boost::json::object& row) {
    std::vector<Column> columns;
    flatten(row, {}, columns);
    return columns;
}

std::string expansion_for(const Collection& collection, const std::vector<Column>& columns) {
    std::map<std::string, std::vector<std::string>> relations;
    for (const Column& column : columns) {
        for (const std::string& path : column.paths) {
            const std::size_t slash = path.find('/');
            const Field* field = collection.schema->find(path.substr(0, slash));
            if (slash == std::string::npos || field == nullptr || field->relation == nullptr) {
                continue;
            }
            auto& members = relations[path.substr(0, slash)];
            const std::string rest = path.substr(slash + 1);
            if (std::ranges::find(members, rest) == members.end()) members.push_back(rest);
        }
    }
    std::vector<std::string> parts;
    for (const auto& [relation, members] : relations) {
        if (members == std::vector<std::string>{"id"}) continue;  // is there anyway
        parts.push_back(fmt::format("{}($select={})", relation, fmt::join(members, ",")));
    }
    return fmt::format("{}", fmt::join(parts, ","));
}

std::string cell(const Column& column, const boost::json::object& object) {
    for (const std::string& path : column.paths) {
        const auto* value = model::schema::value_at(object, path);
        if (value == nullptr) continue;
        if (std::string text = text_of(*value); !text.empty()) return text;
    }
    return {};
}

}  // namespace vmsecurity::cli
