#include "store/transfer/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/transfer/row_text.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::store::transfer {
namespace {

using base::ErrorCode;
using base::fail;
using boost::json::object;

const std::int64_t* integer_member(const object& from, std::string_view name) {
    const boost::json::value* member = from.if_contains(name);
    return member == nullptr ? nullptr : member->if_int64();
}

base::Error no_export() {
    return {ErrorCode::kCorrupt, "This is no export of a store.", {}, {}};
}

base::Result<Header> parse_header(const object& line) {
    const std::int64_t* version = integer_member(line, "version");
    if (codec::text_member(line, "format") != "vmsecurity-store" || version == nullptr) {
        return fail(no_export());
    }
    if (*version > kFormatVersion) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("The export has format {}, this program knows {} at most: import "
                                "it by the program that wrote it, or a newer one.",
                                *version, kFormatVersion));
    }
    const std::int64_t* schema = integer_member(line, "schema");
    const std::int64_t* changes = integer_member(line, "changes");
    // Change ids stay below 2^53 (change_feed.h).
    constexpr std::int64_t kMaxChange = std::int64_t{1} << 53;
    if (schema == nullptr || *schema < 1 || changes == nullptr || *changes < 0 ||
        *changes > kMaxChange) {
        return fail(no_export());
    }
    return Header{*schema, *changes};
}

// The columns that a table's line names, with their types.
base::Result<std::vector<Column>> known_columns(const Table& table, const object& heading) {
    const boost::json::array* names = codec::array_member(heading, "columns");
    if (names == nullptr) return fail(ErrorCode::kCorrupt, "A table has no columns.");
    std::vector<Column> columns;
    for (const boost::json::value& name : *names) {
        const std::string_view text =
            name.is_string() ? std::string_view(name.get_string()) : std::string_view();
        const auto found = std::ranges::find(table.columns, text, &Column::name);
        if (found == table.columns.end() ||
            std::ranges::find(columns, text, &Column::name) != columns.end()) {
            return fail(
                ErrorCode::kCorrupt,
                fmt::format("The table {} has a column that it should not have.", table.name));
        }
        columns.push_back(*found);
    }
    // The columns that a collection is restored from.
    if (table.collection != nullptr && columns.size() != table.columns.size()) {
        return fail(ErrorCode::kCorrupt, fmt::format("The table {} lacks a column.", table.name));
    }
    return columns;
}

}  // namespace

template <typename T>
base::Result<T> FileReader::with_line(base::Result<T> result) const {
    if (!result && result.error().where.empty() && lines_.number() > 0) {
        result.error().where = fmt::format("line {}", lines_.number());
    }
    return result;
}

base::Result<boost::json::value> FileReader::next() {
    VMSECURITY_ASSIGN(const auto line, lines_.next());
    if (!line) {
        return fail(ErrorCode::kTruncated, "The file ends before its last line.");
    }
    auto parsed = codec::parse_json(*line);
    if (parsed) return parsed;
    return fail(ErrorCode::kCorrupt, "A line is no JSON.", {}, parsed.error().message);
}

base::Result<Header> FileReader::read_header() {
    auto line = next();
    if (!line) return with_line<Header>(fail(std::move(line).error()));
    if (!line->is_object()) return with_line<Header>(fail(no_export()));
    lines_.count_in();
    return with_line(parse_header(line->get_object()));
}

base::Result<void> FileReader::begin_table(const object& heading, const Visitor& visitor) {
    table_ = find_table(codec::text_member(heading, "table"));
    if (table_ == nullptr) return fail(ErrorCode::kCorrupt, "The file has an unknown table.");
    if (!rows_.emplace(table_->name, 0).second) {
        return fail(ErrorCode::kCorrupt, fmt::format("The file has {} twice.", table_->name));
    }
    VMSECURITY_ASSIGN(columns_, known_columns(*table_, heading));
    return visitor.table(*table_, columns_);
}

base::Result<void> FileReader::check_end(const object& last) {
    const auto* counts = codec::object_member(last, "rows");
    bool same = counts != nullptr && counts->size() == rows_.size() &&
                codec::text_member(last, "sha256") == lines_.hash();
    for (const auto& [table, count] : rows_) {
        const auto* said = counts == nullptr ? nullptr : integer_member(*counts, table);
        same = same && said != nullptr && static_cast<std::uint64_t>(*said) == count;
    }
    if (!same) {
        return fail(ErrorCode::kCorrupt,
                    "The file is damaged: its last line counts, or sums up, other rows.");
    }
    VMSECURITY_ASSIGN(const auto more, lines_.next());
    if (more) return fail(ErrorCode::kCorrupt, "The file goes on behind its last line.");
    return {};
}

base::Result<std::uint64_t> FileReader::read_lines(const Visitor& visitor) {
    for (;;) {
        VMSECURITY_ASSIGN(const boost::json::value line, next());
        if (const auto* values = line.if_array()) {
            if (table_ == nullptr) return fail(ErrorCode::kCorrupt, "A row is of no table.");
            lines_.count_in();
            VMSECURITY_ASSIGN(auto row, row_values(*values, columns_));
            VMSECURITY_TRY(visitor.row(std::move(row)));
            ++rows_.find(table_->name)->second;
            ++all_rows_;
            continue;
        }
        const auto* members = line.if_object();
        if (members == nullptr) return fail(no_export());
        if (!members->contains("table")) {
            VMSECURITY_TRY(check_end(*members));
            return all_rows_;
        }
        lines_.count_in();
        VMSECURITY_TRY(begin_table(*members, visitor));
    }
}

base::Result<std::uint64_t> FileReader::read(const Visitor& visitor) {
    return with_line(read_lines(visitor));
}

}  // namespace vmsecurity::store::transfer
