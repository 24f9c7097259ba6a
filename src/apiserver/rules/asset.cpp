#include "apiserver/rules/asset.h"

#include <fmt/format.h>

#include <array>

#include "apiserver/rules/fields.h"

namespace vmsecurity::apiserver {

namespace {

struct Identity {
    std::string_view type;
    std::string_view name;      // the member that names it
    std::string_view location;  // the member that says where; empty: the name is enough
};

constexpr std::array<Identity, 5> kIdentities = {{
    {"VMInfo", "instanceID", "location"},
    {"DirInfo", "dirName", "location"},
    {"PodInfo", "podName", "location"},
    {"ContainerInfo", "containerID", ""},
    {"ContainerImageInfo", "imageID", ""},
}};

const Identity* identity_of(const boost::json::object& asset) {
    const std::string_view type = text_at(asset, {"assetInfo", "objectType"});
    for (const Identity& identity : kIdentities) {
        if (identity.type == type) return &identity;
    }
    return nullptr;
}

base::Result<void> check(ObjectWrite& write) {
    if (at_path(*write.after, {"assetInfo"}) == nullptr) {
        return base::fail(field_error(
            "/assetInfo", "assetInfo is a required field; it says which thing the asset is"));
    }
    const Identity* identity = identity_of(*write.after);
    // Containers have an id for programs and a name for people.
    std::string_view name = text_at(*write.after, {"assetInfo", "containerName"});
    if (name.empty() && identity != nullptr) {
        name = text_at(*write.after, {"assetInfo", identity->name});
    }
    if (name.empty()) {
        write.after->erase("name");
    } else {
        (*write.after)["name"] = name;  // what people call it, whatever its type
    }
    return {};
}

std::optional<std::string> unique_key(const boost::json::object& asset) {
    const Identity* identity = identity_of(asset);
    if (identity == nullptr) return std::nullopt;
    return join_key({identity->type, text_at(asset, {"assetInfo", identity->name}),
                     identity->location.empty()
                         ? std::string_view{}
                         : text_at(asset, {"assetInfo", identity->location})});
}

std::string conflict(const boost::json::object& asset) {
    const Identity* identity = identity_of(asset);
    if (identity == nullptr) return "Asset exists";
    std::string text = fmt::format("Asset exists with {}={}", identity->name,
                                   text_at(asset, {"assetInfo", identity->name}));
    if (!identity->location.empty()) {
        text += fmt::format(" and {}={}", identity->location,
                            text_at(asset, {"assetInfo", identity->location}));
    }
    return text;
}

}  // namespace

const TypeRules& asset_rules() {
    static constexpr TypeRules kRules{"assets", check, unique_key, conflict};
    return kRules;
}

}  // namespace vmsecurity::apiserver
