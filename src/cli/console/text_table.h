#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::cli {

// Columns as wide as their widest cell. If `width` is not 0 and the table is wider, the columns
// marked flexible give way, the widest first, and their cells are cut with "…".
class TextTable {
  public:
    struct Column {
        std::string title;
        bool flexible = false;
        bool keep_end = false;  // cut at the start: the end of a path says more
    };
    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // One cell a column; `colour` is an ANSI escape for the first cell, or empty.
    void add(std::vector<std::string> cells, std::string_view colour = {});
    bool empty() const { return rows_.empty(); }
    std::string render(std::size_t width, std::string_view indent) const;

  private:
    struct Row {
        std::vector<std::string> cells;
        std::string colour;
    };
    std::vector<std::size_t> column_widths(std::size_t width) const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

// Number of code points; and at most `width` of them from the start or the end, with "…" for the
// rest.
std::size_t display_width(std::string_view text);
std::string cut(std::string_view text, std::size_t width);
std::string cut_start(std::string_view text, std::size_t width);

// "12,345".
std::string grouped(std::uint64_t number);

}  // namespace vmsecurity::cli
