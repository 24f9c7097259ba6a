#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// DELETE /assets/{assetID} and the like.
net::Response remove_object(const Call& call);

}  // namespace vmsecurity::apiserver
