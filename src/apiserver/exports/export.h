#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// GET /export/{collection}: every object of a filtered list, one a line (NDJSON) or one a row (CSV,
// RFC 4180).
std::optional<net::Response> export_collection(const Call& call, net::BodyReader& in,
                                               net::BodyWriter& out);

}  // namespace vmsecurity::apiserver
