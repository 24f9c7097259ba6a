#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/api/dataset.h"
#include "sql/statement.h"

// What is read from the API, each with the best SQL that we know for the same rows and count.
namespace vmsecurity::bench {

struct Read {
    std::string name;
    std::string target;   // unescaped
    double goal = 0;      // milliseconds, p95
    sql::Statement rows;  // without text: the count alone
    std::optional<sql::Statement> count = {};
};

// The lists of the user interface as it sends them: $count, $skip, $top=50, an order, $expand.
std::vector<Read> interface_lists(sql::Dialect dialect);
// The same lists sorted and filtered in other ways that the interface offers.
std::vector<Read> further_lists(sql::Dialect dialect);
std::vector<Read> findings_of_one_asset();
std::vector<Read> selective_counts(const FleetOptions& options);
std::vector<Read> dashboard_counts(const FleetOptions& options);
std::vector<Read> name_searches();

}  // namespace vmsecurity::bench
