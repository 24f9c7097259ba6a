#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/http/answer.h"
#include "base/result.h"
#include "model/schema/route.h"
#include "net/http/message.h"
#include "odata/bound.h"

namespace vmsecurity::apiserver {

// Holds a request's parameters to those of its route. Unknown ones are tolerated, as 0.6 did.
std::optional<Refusal> check_parameters(const model::schema::RouteMatch& match,
                                        const net::Request& request);

// The OData options of a request, bound to its collection.
base::Result<odata::BoundQuery> read_query(const model::schema::Collection& collection,
                                           const net::Request& request);
bool has_projection(const net::Request& request);  // $select or $expand

// If-Match: 7, "7" or W/"7". Nothing: absent, or *.
base::Result<std::optional<std::int64_t>> read_if_match(const net::Request& request);

// X-Lease: name/fencing.
struct LeaseClaim {
    std::string name;
    std::int64_t fencing = 0;
};
base::Result<std::optional<LeaseClaim>> read_lease_claim(const net::Request& request);

}  // namespace vmsecurity::apiserver
