#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "bench/api/fleet_database.h"
#include "bench/api/report.h"
#include "bench/api/server_process.h"
#include "sql/database.h"

namespace vmsecurity::bench {

// A server over a fleet, and what its figures are compared with and printed to.
struct Session {
    sql::Dialect dialect;
    FleetOptions fleet;
    const ServerProcess& server;
    const FleetDatabase& database;
    sql::Database& raw;  // the same one, for reading
    Report& report;
    std::chrono::seconds load_time;  // of each test under load
    // Milliseconds of raw_insert() of kReconciled rows.
    std::map<findings::FindingType, double> raw_inserts;

    // What the server and PostgreSQL have used.
    double cpu() const;
};

constexpr std::size_t kReconciled = 20'000;  // findings of one family of one asset

// How long a transaction takes in which `rows` findings of a type are copied to another asset by
// one INSERT, indexes and commit included. They are deleted again.
base::Result<double> raw_insert(sql::Database& database, findings::FindingType type,
                                std::size_t rows);

// Each is a part of script/bench api and prints its lines.
void measure_lists(const Session& session);
void measure_paging(const Session& session);
void measure_reconciliation(const Session& session);
void measure_small_reads(const Session& session);
void measure_mixed_load(const Session& session);
void measure_suppression(const Session& session);

}  // namespace vmsecurity::bench
