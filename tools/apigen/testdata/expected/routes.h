// Made by tools/apigen from api/openapi.yaml.
#pragma once

#include <span>
#include <string_view>

#include "model/schema/route.h"

namespace vmsecurity::model::api {

std::span<const schema::Route> routes();

// schema::match_route() in routes().
inline schema::RouteMatch match(std::string_view method, std::string_view path) {
    return schema::match_route(routes(), method, path);
}

}  // namespace vmsecurity::model::api
