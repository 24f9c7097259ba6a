#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/connection.h"
#include "store/findings/finding_row.h"

namespace vmsecurity::store {

// Writes rows of findings and the names in them, a batch at a time.
class FindingWriter {
  public:
    explicit FindingWriter(sql::Connection& connection) : connection_(connection) {}

    base::Result<void> insert(FindingRow row);
    base::Result<void> replace(std::int64_t row_id, FindingRow row);
    base::Result<void> flush();

  private:
    base::Result<void> flush_if_full();

    sql::Connection& connection_;
    std::vector<std::vector<sql::Value>> inserted_;
    std::vector<std::vector<sql::Value>> replaced_;  // the last value is the row_id
    std::set<std::pair<std::string_view, std::string>> names_;
};

}  // namespace vmsecurity::store
