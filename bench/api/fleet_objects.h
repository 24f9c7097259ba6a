#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "bench/api/dataset.h"
#include "codec/json.h"
#include "sql/connection.h"

// The objects of a fleet beside its findings: what lists of the user interface show.
namespace vmsecurity::bench {

constexpr int kRounds = 2;  // how often each asset was scanned

// When an asset was scanned for the n-th time: spread over months, each at a time of its own.
std::int64_t scan_time(const FleetOptions& options, std::int64_t asset, int round);

base::Result<void> insert_asset(sql::Connection& connection, const FleetOptions& options,
                                std::int64_t asset, const boost::json::object& summary);
base::Result<void> insert_asset_scan(sql::Connection& connection, const FleetOptions& options,
                                     std::int64_t asset, int round,
                                     const boost::json::object& summary);
// "scan-0" and "scan-1", of which all asset scans are, older ones without, and their
// configurations.
base::Result<void> insert_scans(sql::Connection& connection, const FleetOptions& options);

}  // namespace vmsecurity::bench
