#include "cli/client/table.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/console/terminal.h"
#include "cli/console/text_table.h"

namespace vmsecurity::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kWidest = 48;  // of a column that may be cut, row by row

class Table : public ObjectWriter {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    base::Result<void> add(const boost::json::object& object) override {
        if (columns_.empty()) columns_ = columns_of(object);
        std::vector<std::string> cells;
        cells.reserve(columns_.size());
        for (const Column& column : columns_) cells.push_back(cell(column, object));
        rows_.push_back(std::move(cells));
        return {};
    }

    base::Result<void> finish() override {
        if (rows_.empty()) return {};
        std::vector<TextTable::Column> columns;
        for (const Column& column : columns_) {
            columns.push_back({column.title, column.flexible, false});
        }
        TextTable table(std::move(columns));
        const bool colour = use_colour() && !columns_.empty() && columns_.front().ranked;
        for (auto& row : rows_) {
            const std::string_view escape = colour ? colour_of_word(row.front()) : "";
            table.add(std::move(row), escape);
        }
        return write_out(table.render(terminal_width(STDOUT_FILENO), ""));
    }

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace

std::unique_ptr<ObjectWriter> make_table(std::vector<Column> columns) {
    return std::make_unique<Table>(std::move(columns));
}

std::string_view colour_of_word(std::string_view word) {
    constexpr std::string_view kPrefix = "misconfiguration";
    constexpr std::string_view kSuffix = "severity";
    std::string lower = base::to_lower(word);
    if (lower.starts_with(kPrefix)) lower.erase(0, kPrefix.size());
    if (lower.ends_with(kSuffix)) lower.resize(lower.size() - kSuffix.size());
    const auto severity = model::parse_severity(lower);
    return severity ? colour_of(*severity) : std::string_view();
}

GrowingTable::GrowingTable(std::vector<std::string> titles, std::vector<Column> columns,
                           bool colour)
    : titles_(std::move(titles)), columns_(std::move(columns)), colour_(colour) {
    for (const std::string& title : titles_) widths_.push_back(display_width(title));
    for (const Column& column : columns_) {
        titles_.push_back(column.title);
        widths_.push_back(column.width);
    }
}

std::string GrowingTable::header() const {
    return line(titles_, false);
}

std::string GrowingTable::row(std::vector<std::string> cells, const boost::json::object* object) {
    for (const Column& column : columns_) {
        std::string text = object == nullptr ? std::string() : cell(column, *object);
        cells.push_back(column.flexible ? cut(text, kWidest) : std::move(text));
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
        widths_[i] = std::max(widths_[i], display_width(cells[i]));
    }
    return line(cells, colour_);
}

std::string GrowingTable::line(const std::vector<std::string>& cells, bool colour) const {
    const std::size_t before = titles_.size() - columns_.size();
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const bool ranked = colour && i >= before && columns_[i - before].ranked;
        const std::string_view escape = ranked ? colour_of_word(cells[i]) : "";
        text += escape;
        text += cells[i];
        if (!escape.empty()) text += kEndOfColour;
        text.append(widths_[i] - std::min(widths_[i], display_width(cells[i])) + kGap, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
}

}  // namespace vmsecurity::cli
