#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "findings/observed_finding.h"
#include "sql/database.h"
#include "store/findings_store.h"

// A fleet for benchmarks of the API: assets with findings whose names repeat across assets as they
// do on machines that share an operating system. The same options give the same fleet, but for ids.
namespace vmsecurity::bench {

struct FleetOptions {
    std::int64_t assets = 10'000;
    std::int64_t findings = 1'000'000;  // rows at the end, those invalidated included; about
    std::int64_t first_scan = std::int64_t{1'735'689'600} * 1'000'000'000;  // 2025-01-01
    unsigned seed = 1;
};

// What one scan of one family of an asset saw. `round`: which scan; later ones see a little
// differently. `scale`: how many times as much as on an ordinary asset.
std::vector<findings::ObservedFinding> observe(const FleetOptions& options, std::int64_t asset,
                                               findings::FindingType type, int round,
                                               double scale = 1);
std::string asset_id(std::int64_t asset);
std::string asset_scan_id(std::int64_t asset, int round);

// Fills an empty database that has the store's schema, through the store's own reconciliation.
base::Result<void> fill_fleet(sql::Database& database, const FleetOptions& options);

}  // namespace vmsecurity::bench
