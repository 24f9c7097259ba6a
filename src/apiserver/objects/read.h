#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// GET /assets and the like: {"count": N, "items": [...], "@odata.nextLink": "..."}.
net::Response list_objects(const Call& call);
// GET /assets/{assetID} and the like, with ETag.
net::Response get_object(const Call& call);

}  // namespace vmsecurity::apiserver
