#pragma once

#include <optional>
#include <string>

#include "apiserver/access/principal.h"
#include "apiserver/http/answer.h"
#include "model/schema/route.h"

namespace vmsecurity::apiserver {

Refusal forbidden(std::string message);  // 403

// Why the sender may not do it (403); nothing if they may. A scanner may do what its routes allow
// to scanners, with its own asset scan.
std::optional<Refusal> authorize(const model::schema::RouteMatch& match,
                                 const Principal& principal);

}  // namespace vmsecurity::apiserver
