#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

net::Response get_changes(const Call& call, std::shared_ptr<net::EventSink> sink);  // GET /changes

}  // namespace vmsecurity::apiserver
