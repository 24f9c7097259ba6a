#pragma once

#include "base/result.h"
#include "sql/postgres/database.h"
#include "sql/postgres/session.h"

namespace vmsecurity::sql::postgres {

// What libpq is to be given for a new connection: the string of the options, the password from its
// file as it is now, and our defaults for what neither says.
base::Result<ConnectionParameters> connection_parameters(const Options& options);

}  // namespace vmsecurity::sql::postgres
