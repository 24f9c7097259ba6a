#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "sql/statement.h"
#include "store/transfer/lines.h"
#include "store/transfer/tables.h"

namespace vmsecurity::store::transfer {

// What the first line says.
struct Header {
    std::int64_t schema = 0;
    std::int64_t changes = 0;
};

// A file's lines as what they mean. Nothing of it is to be believed before read() has succeeded to
// the end.
class FileReader {
  public:
    struct Visitor {
        // A table begins; its columns in the file.
        std::function<base::Result<void>(const Table& table, std::vector<Column> columns)> table;
        std::function<base::Result<void>(std::vector<sql::Value> values)> row;
    };

    explicit FileReader(codec::ZstdReader::Source source) : lines_(std::move(source)) {}

    base::Result<Header> read_header();
    // The rest, to the last line. The answer is the number of rows. Errors say the line.
    base::Result<std::uint64_t> read(const Visitor& visitor);

  private:
    base::Result<boost::json::value> next();
    base::Result<std::uint64_t> read_lines(const Visitor& visitor);
    base::Result<void> begin_table(const boost::json::object& heading, const Visitor& visitor);
    base::Result<void> check_end(const boost::json::object& last);
    template <typename T>
    base::Result<T> with_line(base::Result<T> result) const;

    LineReader lines_;
    const Table* table_ = nullptr;
    std::vector<Column> columns_;  // of the table that is being read, as the file has them
    std::map<std::string, std::uint64_t, std::less<>> rows_;
    std::uint64_t all_rows_ = 0;
};

}  // namespace vmsecurity::store::transfer
