#include "sql/postgres/row_batch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

// A batch ends past either; its arrays are held twice for a moment (here and in libpq's buffer).
constexpr std::size_t kRows = 10'000;
constexpr std::size_t kBytes = std::size_t{2} << 20;

// Binary form of an array (PostgreSQL source, array_recv): dimensions, whether it has NULLs,
// element type, length, lower bound, and each element with its size.
std::string array_header(Oid element, std::size_t count) {
    std::string out;
    append_int32(out, 1);
    append_int32(out, 1);
    append_int32(out, static_cast<std::int32_t>(element));
    append_int32(out, static_cast<std::int32_t>(count));
    append_int32(out, 1);
    return out;
}

base::Result<void> append_element(std::string& out, const Value& value, Oid type) {
    if (std::holds_alternative<std::monostate>(value)) {
        append_int32(out, -1);
        return {};
    }
    const std::size_t at = out.size();
    append_int32(out, 0);
    VMSECURITY_TRY(append_binary(out, value, type));
    const std::size_t size = out.size() - at - 4;
    if (size > std::numeric_limits<std::int32_t>::max() / 2) {
        return base::fail(ErrorCode::kLimitExceeded, "a value is larger than 1 GB");
    }
    std::string length;
    append_int32(length, static_cast<std::int32_t>(size));
    out.replace(at, 4, length);
    return {};
}

std::size_t size_of(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return text->size() + 4;
    if (const auto* blob = std::get_if<Blob>(&value)) return blob->bytes.size() + 4;
    return 12;
}

std::size_t rows_of_a_batch(std::span<const std::vector<Value>> rows) {
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < rows.size() && count < kRows && bytes < kBytes) {
        for (const Value& value : rows[count]) bytes += size_of(value);
        ++count;
    }
    return count;
}

}  // namespace

base::Result<RowBatch> RowBatch::make(std::string_view table,
                                      std::span<const std::string_view> columns,
                                      std::span<const std::string_view> types,
                                      std::string_view conflict) {
    if (types.size() != columns.size()) {
        return base::fail(ErrorCode::kInternal, "not as many types as columns");
    }
    RowBatch batch;
    std::vector<std::string> names;
    std::vector<std::string> arrays;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto type = type_named(types[i]);
        if (!type) {
            return base::fail(
                ErrorCode::kInternal,
                fmt::format("rows cannot be inserted into a column of type {}", types[i]));
        }
        batch.element_types_.push_back(*type);
        batch.array_types_.push_back(array_of(*type));
        names.push_back(fmt::format("\"{}\"", columns[i]));
        arrays.push_back(fmt::format("${}", i + 1));
    }
    batch.text_ = fmt::format("INSERT INTO \"{}\" ({}) SELECT * FROM unnest({}){}{}", table,
                              fmt::join(names, ","), fmt::join(arrays, ","),
                              conflict.empty() ? "" : " ON CONFLICT ", conflict);
    return batch;
}

base::Result<std::size_t> RowBatch::fill(std::span<const std::vector<Value>> rows) {
    const std::size_t count = rows_of_a_batch(rows);
    const std::size_t columns = element_types_.size();
    arrays_.assign(columns, {});
    parameters_.clear();
    for (const auto& row : rows.first(count)) {
        if (row.size() != columns) {
            return base::fail(ErrorCode::kInternal, "a row has not as many values as columns");
        }
    }
    for (std::size_t column = 0; column < columns; ++column) {
        std::string& array = arrays_[column];
        array = array_header(element_types_[column], count);
        for (const auto& row : rows.first(count)) {
            VMSECURITY_TRY(append_element(array, row[column], element_types_[column]));
        }
        parameters_.push_back({array.data(), static_cast<int>(array.size())});
    }
    return count;
}

}  // namespace vmsecurity::sql::postgres
