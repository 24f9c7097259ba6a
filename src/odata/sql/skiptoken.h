#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "odata/bound.h"
#include "sql/statement.h"

namespace vmsecurity::odata::sql {

// Where a list goes on: behind the row that had these sort keys and this row_id.
struct Continuation {
    std::vector<::vmsecurity::sql::Value> keys;  // as wide as $orderby; NULL is a key
    std::int64_t row_id = 0;
};

// base64url (RFC 4648 §5, unpadded) of: version, fingerprint of the query, keys, row_id.
std::string encode(const Continuation& continuation, std::uint64_t fingerprint);

// Errors: kInvalidArgument with a Problem: damaged, or made for another query.
base::Result<Continuation> decode(std::string_view token, std::uint64_t fingerprint,
                                  const std::vector<Basis>& keys);

}  // namespace vmsecurity::odata::sql
