#include "store/transfer/loader.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "codec/json.h"
#include "model/schema/columns.h"

namespace vmsecurity::store::transfer {
namespace {

using base::ErrorCode;
using sql::Value;

constexpr std::size_t kRows = 4000;
constexpr std::size_t kBytes = std::size_t{8} << 20;
constexpr std::chrono::minutes kTime{10};

std::size_t size_of(const std::vector<Value>& values) {
    std::size_t size = 0;
    for (const Value& value : values) {
        if (const auto* text = std::get_if<std::string>(&value)) size += text->size();
        if (const auto* blob = std::get_if<sql::Blob>(&value)) size += blob->bytes.size();
    }
    return size;
}

}  // namespace

base::Result<void> Loader::begin(const Table& table, std::vector<Column> columns) {
    VMSECURITY_TRY(flush());
    table_ = &table;
    in_file_ = std::move(columns);
    written_ = 0;
    columns_.clear();
    types_.clear();
    if (table.collection != nullptr) {
        const CollectionSql& texts = texts_.of(*table.collection);
        columns_ = texts.columns;
        types_ = texts.types;
        return {};
    }
    for (const Column& column : in_file_) {
        columns_.push_back(column.name);
        types_.push_back(column.type);
    }
    return {};
}

// id, revision, unique_key, document, and the hot columns: as CollectionSql has them.
base::Result<std::vector<Value>> Loader::collection_row(std::vector<Value> values) const {
    std::vector<Value> row;
    row.reserve(columns_.size());
    for (const Column& column : table_->columns) {
        const auto place = std::ranges::find(in_file_, column.name, &Column::name);
        row.push_back(std::move(values[static_cast<std::size_t>(place - in_file_.begin())]));
    }
    const auto* text = std::get_if<std::string>(&row.back());
    if (text == nullptr) return base::fail(ErrorCode::kCorrupt, "A row has no document.");
    auto document = codec::parse_json(*text);
    if (!document || !document->is_object()) {
        return base::fail(ErrorCode::kCorrupt, "A row's document is no JSON object.");
    }
    for (auto& hot : model::schema::column_values(*table_->collection, document->get_object())) {
        row.push_back(
            std::visit([](auto&& value) { return Value(std::forward<decltype(value)>(value)); },
                       std::move(hot)));
    }
    return row;
}

base::Result<void> Loader::add(std::vector<Value> values) {
    if (table_->collection != nullptr) {
        VMSECURITY_ASSIGN(values, collection_row(std::move(values)));
    }
    bytes_ += size_of(values);
    rows_.push_back(std::move(values));
    return rows_.size() < kRows && bytes_ < kBytes ? base::Result<void>() : flush();
}

base::Result<void> Loader::flush() {
    if (rows_.empty()) return {};
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(connection.insert_rows(table_->name, columns_, types_, rows_));
        return {};
    };
    VMSECURITY_TRY(database_.write_large(work, std::chrono::steady_clock::now() + kTime));
    written_ += rows_.size();
    rows_.clear();
    bytes_ = 0;
    progress_(table_->name, written_);
    return {};
}

}  // namespace vmsecurity::store::transfer
