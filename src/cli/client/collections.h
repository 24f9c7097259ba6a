#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/schema/display.h"

namespace vmsecurity::cli {

// The collection that a person means by "assetScans", "assetScan", "asset-scans" or its short name
// "as", in any case. kInvalidArgument names all there are.
base::Result<const model::schema::Display*> find_collection(std::string_view word);

// For --help: "assets (a), assetScans (as), …".
std::string collection_names();

}  // namespace vmsecurity::cli
