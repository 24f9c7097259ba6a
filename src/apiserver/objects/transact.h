#pragma once

#include <functional>

#include "apiserver/http/call.h"
#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// Runs `work` in a transaction, behind the check of X-Lease. An answer of 400 and above rolls back,
// as an error does. `work` may run more than once.
using WriteWork = std::function<base::Result<net::Response>(store::Transaction&)>;
net::Response transact(const Call& call, const WriteWork& work);
net::Response transact_large(const Call& call, const WriteWork& work);

}  // namespace vmsecurity::apiserver
