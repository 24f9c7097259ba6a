#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "findings/observed_finding.h"
#include "sql/statement.h"
#include "store/findings_store.h"

// A finding as a row of finding_rows (migrations.h says what stands where).
namespace vmsecurity::store {

// Columns of a row as it is written, without row_id, and their types in PostgreSQL.
std::span<const std::string_view> finding_columns();
std::span<const std::string_view> finding_column_types();
// The place of a column in a row.
std::size_t finding_column(std::string_view name);

// What the database maintains of a finding beside what it says.
struct FindingTimes {
    std::optional<std::int64_t> found_on;
    std::optional<std::int64_t> invalidated_on;
    std::optional<std::int64_t> last_seen;  // nothing: it follows the observations
};

// What counts are made of.
struct CountedFinding {
    std::optional<findings::FindingType> type;
    std::string asset_id;  // or empty
    std::int64_t severity = -1;
    std::int64_t impact = 0;
    std::optional<std::int64_t> found_on;
    std::optional<std::int64_t> invalidated_on;
};

struct FindingRow {
    std::vector<sql::Value> values;  // of finding_columns()
    CountedFinding counted;
    std::string sample;  // canonical findingInfo
};

// A new finding of an observation. `info_text`, `content`: of the finding.
FindingRow observed_row(const Observation& observation, findings::ObservedFinding finding,
                        std::string info_text, std::int64_t content, const FindingTimes& times);

// A whole document of the API. `revision`: as stored, so without observations that it follows.
FindingRow document_row(std::string_view id, std::int64_t revision, boost::json::object document,
                        bool follows_observations);

// The findingInfo in the column `head`, as it is written there; empty if there is none.
std::string info_in_head(std::string_view head);

// The values of the columns that finding_names has, of a row: field and value.
void for_each_name(const FindingRow& row,
                   const std::function<void(std::string_view, const std::string&)>& visit);

}  // namespace vmsecurity::store
