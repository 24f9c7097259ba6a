#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// PUT /assetScans/{assetScanID}/results/{family}: stores what one family found and reconciles the
// asset's findings with it.
std::optional<net::Response> put_results(const Call& call, net::BodyReader& in,
                                         net::BodyWriter& out);
// GET: what was sent.
std::optional<net::Response> get_results(const Call& call, net::BodyReader& in,
                                         net::BodyWriter& out);

}  // namespace vmsecurity::apiserver
