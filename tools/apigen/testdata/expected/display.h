// Made by tools/apigen from api/openapi.yaml.
#pragma once

#include <span>

#include "model/schema/display.h"

namespace vmsecurity::model::api {

// One for each collection, in the order of the description.
std::span<const schema::Display> displays();

}  // namespace vmsecurity::model::api
