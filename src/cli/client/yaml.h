#pragma once

#include <string>

#include "codec/json.h"

namespace vmsecurity::cli {

// YAML 1.2 in block style. Text stands without quotes only where every reader, YAML 1.1's too,
// takes it for the same text; else as a JSON string, which YAML reads alike.
std::string to_yaml(const boost::json::value& value);

}  // namespace vmsecurity::cli
