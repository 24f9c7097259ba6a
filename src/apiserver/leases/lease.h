#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

net::Response get_lease(const Call& call);     // GET /leases/{name}
net::Response put_lease(const Call& call);     // PUT: take it, or renew one's own
net::Response delete_lease(const Call& call);  // DELETE: give it back

}  // namespace vmsecurity::apiserver
