#pragma once

#include <sqlite3.h>

#include <memory>
#include <string_view>

#include "base/result.h"

namespace vmsecurity::sql::sqlite {

struct CloseHandle {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// The error that a call on `handle` answered with `code`, by the rules of sql::Database. `action`
// completes "cannot ...".
base::Error error_of(sqlite3* handle, int code, std::string_view action);

}  // namespace vmsecurity::sql::sqlite
