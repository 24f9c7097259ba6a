#include "store/findings/finding_writer.h"

#include <array>

#include "sql/query.h"

namespace vmsecurity::store {
namespace {

// Some megabytes of rows.
constexpr std::size_t kBatch = 4000;

std::span<const std::string_view> columns_with_row_id() {
    static const auto kColumns = [] {
        std::vector<std::string_view> names(finding_columns().begin(), finding_columns().end());
        names.emplace_back("row_id");
        return names;
    }();
    return kColumns;
}

std::span<const std::string_view> types_with_row_id() {
    static const auto kTypes = [] {
        std::vector<std::string_view> names(finding_column_types().begin(),
                                            finding_column_types().end());
        names.emplace_back("bigint");
        return names;
    }();
    return kTypes;
}

const std::string& replace_conflict() {
    static const std::string kText = [] {
        std::string text = "(row_id) DO UPDATE SET ";
        for (const std::string_view column : finding_columns()) {
            if (column != finding_columns().front()) text += ", ";
            text.append(column).append(" = excluded.").append(column);
        }
        return text;
    }();
    return kText;
}

}  // namespace

base::Result<void> FindingWriter::insert(FindingRow row) {
    for_each_name(row, [&](std::string_view field, const std::string& value) {
        names_.emplace(field, value);
    });
    inserted_.push_back(std::move(row.values));
    return flush_if_full();
}

base::Result<void> FindingWriter::replace(std::int64_t row_id, FindingRow row) {
    for_each_name(row, [&](std::string_view field, const std::string& value) {
        names_.emplace(field, value);
    });
    row.values.emplace_back(row_id);
    replaced_.push_back(std::move(row.values));
    return flush_if_full();
}

base::Result<void> FindingWriter::flush_if_full() {
    return inserted_.size() + replaced_.size() < kBatch ? base::Result<void>() : flush();
}

base::Result<void> FindingWriter::flush() {
    if (!inserted_.empty()) {
        VMSECURITY_TRY(connection_.insert_rows("finding_rows", finding_columns(),
                                               finding_column_types(), inserted_));
        inserted_.clear();
    }
    if (!replaced_.empty()) {
        VMSECURITY_TRY(connection_.insert_rows("finding_rows", columns_with_row_id(),
                                               types_with_row_id(), replaced_, replace_conflict()));
        replaced_.clear();
    }
    if (names_.empty()) return {};
    static constexpr std::array<std::string_view, 2> kColumns = {"field", "value"};
    static constexpr std::array<std::string_view, 2> kTypes = {"text", "text"};
    std::vector<std::vector<sql::Value>> rows;
    rows.reserve(names_.size());
    for (const auto& [field, value] : names_) rows.push_back(sql::bind(field, value));
    names_.clear();
    VMSECURITY_TRY(connection_.insert_rows("finding_names", kColumns, kTypes, rows, "DO NOTHING"));
    return {};
}

}  // namespace vmsecurity::store
