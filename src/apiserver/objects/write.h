#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// POST /assets and the like.
net::Response create_object(const Call& call);
// PUT /assets/{assetID}: the whole object but what the server sets.
net::Response replace_object(const Call& call);
// PATCH /assets/{assetID}: RFC 7386.
net::Response patch_object(const Call& call);

}  // namespace vmsecurity::apiserver
