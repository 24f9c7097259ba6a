// Made by tools/apigen from api/openapi.yaml.
#pragma once

#include <string_view>

namespace vmsecurity::model::api {

// The description as compact JSON, with all that YAML anchors stand for spelled out.
std::string_view openapi_json();

}  // namespace vmsecurity::model::api
