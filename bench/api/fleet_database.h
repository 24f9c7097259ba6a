#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/api/dataset.h"
#include "sql/database.h"

namespace vmsecurity::bench {

// A database with a fleet, to be read and written at will: a copy of the one in `folder`, which is
// made there if it is not, in minutes. SQLite: a file. PostgreSQL: a cluster with a server of its
// own, which runs until the object goes.
class FleetDatabase {
  public:
    static base::Result<std::unique_ptr<FleetDatabase>> open(sql::Dialect dialect,
                                                             const std::string& folder,
                                                             const FleetOptions& options);
    virtual ~FleetDatabase() = default;

    // What the API server takes as --database.
    virtual std::string address() const = 0;
    // SQLite lets one process write; others read beside it.
    virtual base::Result<std::unique_ptr<sql::Database>> connect(bool read_only) const = 0;
    // The database's own, for their CPU time; none for SQLite.
    virtual std::vector<pid_t> processes() const = 0;
};

}  // namespace vmsecurity::bench
