#pragma once

#include "apiserver/http/call.h"
#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

net::Response get_retention(const Call& call);  // GET /retention
net::Response put_retention(const Call& call);  // PUT /retention

// Deletes what the stored rules say is too old.
base::Result<void> run_retention(store::Store& store);

}  // namespace vmsecurity::apiserver
