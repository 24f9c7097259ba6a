#pragma once

#include <span>
#include <string_view>

#include "model/schema/schema.h"

namespace vmsecurity::model::schema {

// How a collection is shown where nobody said how: x-display in api/openapi.yaml.
struct DisplayColumn {
    std::string_view title;
    // The first that leads to something is shown. A path may lead through a relation
    // ("asset/name"), which is there once it is expanded.
    std::span<const std::string_view> paths;
};

struct Display {
    const Collection* collection = nullptr;
    std::string_view short_name;                  // "sc"; may be empty
    std::span<const DisplayColumn> columns = {};  // may be empty
};

}  // namespace vmsecurity::model::schema
