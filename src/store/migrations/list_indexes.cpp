#include "store/migrations/migrations.h"

namespace vmsecurity::store {

// Impacts in the order of the assets that they concern, whatever their severity. And SQLite took
// assets_terminated_on to find the living assets, which are nearly all, and sorted them, where the
// index of the order gives the first 50 at once.
const std::string_view kListIndexesSqlite = R"sql(
CREATE INDEX finding_impact_counts_affected ON finding_impact_counts
    (finding_type, affected_assets);
-- Without figures of the new index SQLite would take it for orders that begin with the severity.
ANALYZE finding_impact_counts;
DROP INDEX assets_terminated_on;
CREATE INDEX assets_terminated ON assets (terminated_on) WHERE terminated_on IS NOT NULL;
)sql";

const std::string_view kListIndexesPostgres = R"sql(
CREATE INDEX finding_impact_counts_affected ON finding_impact_counts
    (finding_type, affected_assets NULLS FIRST, row_id);
)sql";

}  // namespace vmsecurity::store
