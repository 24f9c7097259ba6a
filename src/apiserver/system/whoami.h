#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

net::Response who_am_i(const Call& call);  // GET /whoami

}  // namespace vmsecurity::apiserver
