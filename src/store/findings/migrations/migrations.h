#pragma once

#include <string_view>

// The tables of findings, as steps of the store's schema (store/migrations). Frozen once released.
//
// finding_rows holds the findings; the API's collections are views of it and of the counts:
//
//   findings        finding_rows with the whole document put together
//   asset_findings  the same from the asset's side
//   finding_hours   finding_hour_counts
//   finding_impacts finding_impact_counts
//
// What changes while a finding stays the same is not in its text: invalidatedOn and lastSeen stand
// in columns, and last_seen is NULL while the finding follows the observations of its asset and
// type (finding_observations). So a scan that sees again what the one before it saw writes no
// finding, and the views put the two members into the document when it is read. Both databases
// evaluate a view's column only where a query asks for it, and use the indexes of the table below.
namespace vmsecurity::store {

extern const std::string_view kFindingsSqlite;
extern const std::string_view kFindingsPostgres;
extern const std::string_view kSuppressedCounts;  // of both

}  // namespace vmsecurity::store
