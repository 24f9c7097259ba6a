#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/findings/finding_counts.h"
#include "store/store.h"

namespace vmsecurity::store {

// Carries what suppressions do to findings into what is counted of them: findingImpacts and the
// summaries of their assets. Trends go on as they were: they tell what was there.
class SuppressedCounts {
  public:
    // Rows that are about to be suppressed or to count again. Until the transaction ends, no other
    // one writes findings of their assets; so whoever takes the lock of suppressions too does it
    // after this, as those do who write findings.
    static base::Result<SuppressedCounts> before(sql::Connection& connection,
                                                 std::span<const std::int64_t> rows);

    // Those of the rows that a suppression suppresses (empty: none does), in order. A row that went
    // to another asset meanwhile is not among them: who moved it judged it anew.
    std::vector<std::int64_t> rows_suppressed_by(std::string_view suppression) const;

    // Counts what has become of the rows since.
    base::Result<void> after(Transaction& transaction) const;

  private:
    struct Row {
        std::string suppressed_by;
        std::string asset_id;
        std::optional<ImpactGroup> group;  // if it can be counted
    };
    using Kind = std::pair<std::string, findings::FindingType>;  // an asset's
    struct Change {
        std::int64_t number = 0;  // of findings that count, more than before
        std::int64_t row = 0;     // one of them
    };
    using Changes = std::map<Kind, std::map<ImpactGroup, Change>>;

    base::Result<Changes> changes(sql::Connection& connection) const;

    std::map<std::int64_t, Row> rows_;  // by row_id
};

}  // namespace vmsecurity::store
