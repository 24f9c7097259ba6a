#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

net::Response preview_scope(const Call& call);  // POST /scopePreview

}  // namespace vmsecurity::apiserver
