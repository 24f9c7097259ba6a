#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "sql/database.h"

namespace vmsecurity::sql::postgres {

struct Options {
    // A connection string of libpq (PostgreSQL manual, "Connection Strings"): "host=db dbname=vms
    // sslmode=verify-full sslrootcert=/etc/ca.pem" or "postgresql://...". The password does not
    // belong here: password_file, PGPASSWORD, passfile=, or a client certificate (sslcert, sslkey).
    std::string connection;
    // A file with the password alone; read for each new connection, so that it may change. Empty:
    // none.
    std::string password_file = {};
    std::size_t readers = 8;
    std::size_t writers = 8;
    std::size_t statement_cache = 256;  // statements a connection
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
};

// PostgreSQL 13 or newer, database encoding UTF8.
//
// read() is READ ONLY, REPEATABLE READ. write() is READ COMMITTED: the statements that check lock
// what they check (UPDATE ... WHERE revision = $2, SELECT ... FOR UPDATE, unique indexes). Under
// REPEATABLE READ each lost race would be an error and a second run instead of a short wait.
// Deadlocks and serialisation failures, and connections lost before COMMIT, make write() run its
// work again until the deadline. A connection lost during COMMIT is kUnavailable, "outcome
// unknown".
base::Result<std::unique_ptr<Database>> open(Options options);

}  // namespace vmsecurity::sql::postgres
