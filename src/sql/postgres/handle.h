#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vmsecurity::sql::postgres {

struct FinishConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, FinishConnection>;

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

// The SQLSTATE of a failed result (PostgreSQL manual, appendix A), or "".
std::string_view state_of(const PGresult* result);

// A failed result as an error by the rules of sql::Database.
base::Error error_of(const PGresult* result);

// The last failure of the connection itself: kUnavailable.
base::Error connection_error(const PGconn* connection, std::string_view sentence);

// Whether the same work may succeed when it runs again in a new transaction.
bool is_conflict(std::string_view state);
// Whether the server or the plan cache went away under us: again, on a new connection.
bool needs_new_connection(std::string_view state);

}  // namespace vmsecurity::sql::postgres
