#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// GET /openapi.json. Behind a gateway, which says so by X-Forwarded-Host, with the gateway's
// address as the server.
net::Response get_description(const Call& call);

}  // namespace vmsecurity::apiserver
