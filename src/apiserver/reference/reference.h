#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// GET /apidocs and /apidocs/{file}: the reference page, which a script of ours makes of
// /openapi.json in the browser. It loads nothing from elsewhere.
net::Response get_reference(const Call& call);
net::Response get_reference_file(const Call& call);

}  // namespace vmsecurity::apiserver
