#include "cli/console/text_table.h"

#include <algorithm>
#include <cstdint>

#include "cli/console/terminal.h"

namespace vmsecurity::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 12;  // of a flexible column

bool starts_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
}

std::string cut(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    std::size_t end = 0;
    for (std::size_t points = 0; end < text.size(); ++end) {
        if (starts_code_point(text[end]) && points++ == width - 1) break;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string cut_start(std::string_view text, std::size_t width) {
    const std::size_t points = display_width(text);
    if (points <= width) return std::string(text);
    std::size_t begin = 0;
    for (std::size_t left = points + 1; begin < text.size(); ++begin) {
        if (starts_code_point(text[begin]) && left-- == width) break;
    }
    return "…" + std::string(text.substr(begin));
}

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3;) {
        i -= 3;
        text.insert(i, ",");
    }
    return text;
}

void TextTable::add(std::vector<std::string> cells, std::string_view colour) {
    rows_.push_back({std::move(cells), std::string(colour)});
}

std::vector<std::size_t> TextTable::column_widths(std::size_t width) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = display_width(columns_[i].title);
        for (const Row& row : rows_) widest = std::max(widest, display_width(row.cells[i]));
        widths.push_back(widest);
    }
    if (width == 0) return widths;
    const auto total = [&] {
        std::size_t sum = kGap * (widths.size() - 1);
        for (const std::size_t w : widths) sum += w;
        return sum;
    };
    while (total() > width) {
        std::size_t widest = columns_.size();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!columns_[i].flexible || widths[i] <= kNarrowest) continue;
            if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
        }
        if (widest == columns_.size()) break;
        --widths[widest];
    }
    return widths;
}

std::string TextTable::render(std::size_t width, std::string_view indent) const {
    const auto widths = column_widths(width > indent.size() ? width - indent.size() : width);
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells, std::string_view colour) {
        std::string text(indent);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            std::string cell =
                columns_[i].keep_end ? cut_start(cells[i], widths[i]) : cut(cells[i], widths[i]);
            const std::size_t padding = widths[i] - display_width(cell) + kGap;
            if (i == 0 && !colour.empty()) cell.insert(0, colour).append(kEndOfColour);
            text += cell;
            if (i + 1 < cells.size()) text.append(padding, ' ');
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + '\n';
    };
    std::vector<std::string> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_) titles.push_back(column.title);
    if (std::ranges::any_of(titles, [](const std::string& title) { return !title.empty(); })) {
        line(titles, {});
    }
    for (const Row& row : rows_) line(row.cells, row.colour);
    return out;
}

}  // namespace vmsecurity::cli
