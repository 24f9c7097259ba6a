#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client/output.h"

namespace vmsecurity::cli {

// A table as wide as the terminal; no columns: those of the first object.
std::unique_ptr<ObjectWriter> make_table(std::vector<Column> columns);

// The escape for a severity's word ("HIGH", "MisconfigurationHighSeverity"), or nothing.
std::string_view colour_of_word(std::string_view word);

// Rows that come one by one, as `watch` has them: each column is as wide as its type asks for, and
// grows with what it has met.
class GrowingTable {
  public:
    GrowingTable(std::vector<std::string> titles, std::vector<Column> columns, bool colour);
    std::string header() const;
    // `first`: the cells before those of the columns; `object`: nullptr leaves the columns empty.
    std::string row(std::vector<std::string> first, const boost::json::object* object);

  private:
    std::string line(const std::vector<std::string>& cells, bool colour) const;

    std::vector<std::string> titles_;  // of all
    std::vector<Column> columns_;
    std::vector<std::size_t> widths_;
    bool colour_;
};

}  // namespace vmsecurity::cli
