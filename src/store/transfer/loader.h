#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "sql/database.h"
#include "store/collection_sql.h"
#include "store/transfer/tables.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::store::transfer {

// Puts the rows of one table after the other into the database, a transaction for some thousands.
class Loader {
  public:
    Loader(sql::Database& database, const Progress& progress)
        : database_(database), progress_(progress), texts_(database.dialect()) {}

    base::Result<void> begin(const Table& table, std::vector<Column> columns);
    base::Result<void> add(std::vector<sql::Value> values);
    base::Result<void> flush();

  private:
    base::Result<std::vector<sql::Value>> collection_row(std::vector<sql::Value> values) const;

    sql::Database& database_;
    const Progress& progress_;
    CollectionSqlCache texts_;
    const Table* table_ = nullptr;
    std::vector<Column> in_file_;
    std::vector<std::string_view> columns_;  // that are written, and their types
    std::vector<std::string_view> types_;
    std::vector<std::vector<sql::Value>> rows_;
    std::size_t bytes_ = 0;
    std::uint64_t written_ = 0;  // of the table
};

}  // namespace vmsecurity::store::transfer
