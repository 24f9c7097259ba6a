#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::codec {

struct YamlLimits {
    std::size_t max_depth = 64;
    std::size_t max_nodes = 1'000'000;  // after aliases are followed, so that none can multiply
    std::size_t max_bytes = 64ULL << 20;
};

// One YAML 1.2 document as the JSON value of the same shape. Scalars stay text as written (version
// 1.10 is not the number 1.1) except a plain null or ~; keys are text.
base::Result<boost::json::value> parse_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace vmsecurity::codec
