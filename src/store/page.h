#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "odata/bound.h"
#include "sql/connection.h"
#include "store/store.h"

namespace vmsecurity::store {

// Which part of a list is read.
struct Page {
    std::optional<std::uint64_t> limit;         // in place of $top; nothing: all
    std::optional<std::string_view> skiptoken;  // in place of the query's
    bool count = false;                         // all objects that match, too
};

// A part of a list in the snapshot of `connection`. Where members kept apart are selected it ends
// early, with page_limited, before they take too much memory.
base::Result<ListAnswer> read_page(sql::Connection& connection, const odata::BoundQuery& query,
                                   const Page& page);

}  // namespace vmsecurity::store
