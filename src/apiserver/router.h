#pragma once

#include <memory>
#include <vector>

#include "apiserver/http/call.h"
#include "model/schema/route.h"
#include "net/server/handler.h"

namespace vmsecurity::apiserver {

// Gives each request its route's handler, behind what holds for all: who sends it, whether they
// may, and whether the parameters are well formed.
class Router {
  public:
    explicit Router(Services services);

    // Never null; an unknown path or a wrong method is a route that says so.
    std::shared_ptr<const net::Route> dispatch(const net::Request& request) const;

  private:
    Services services_;
    std::vector<std::shared_ptr<const net::Route>> routes_;  // in the order of model::api::routes()
    std::shared_ptr<const net::Route> not_found_;
};

}  // namespace vmsecurity::apiserver
