#include "cli/client/collections.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "model/api/display.h"
#include "model/api/tables.h"

namespace vmsecurity::cli {
namespace {

std::string plain(std::string_view word) {
    std::string lower = base::to_lower(word);
    std::erase_if(lower, [](char c) { return c == '-' || c == '_'; });
    return lower;
}

}  // namespace

base::Result<const model::schema::Display*> find_collection(std::string_view word) {
    const std::string wanted = plain(word);
    for (const auto& display : model::api::displays()) {
        const auto& collection = *display.collection;
        if (wanted == plain(collection.name) || wanted == plain(collection.singular) ||
            (!wanted.empty() && wanted == plain(display.short_name))) {
            return &display;
        }
    }
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("there is no collection '{}'; there are {}",
                                  base::escape_bytes(word), collection_names()));
}

std::string collection_names() {
    std::string names;
    for (const auto& display : model::api::displays()) {
        if (!names.empty()) names += ", ";
        names += display.collection->name;
        if (!display.short_name.empty()) names += fmt::format(" ({})", display.short_name);
    }
    return names;
}

}  // namespace vmsecurity::cli
