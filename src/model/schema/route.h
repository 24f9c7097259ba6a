#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/schema/schema.h"

// The operations of the API as constant tables (model/api/routes.h) and the search in them.
namespace vmsecurity::model::schema {

enum class Place : std::uint8_t { kPath, kQuery, kHeader };

struct Parameter {
    std::string_view name;
    Place place;
    Type type;  // kString, kInteger or kBoolean
    bool required = false;
};

// What an operation needs at least; each holds the rights of those before it.
enum class AccessRole : std::uint8_t { kPublic, kViewer, kOperator, kAdmin };
enum class RouteLane : std::uint8_t { kRead, kWrite, kBulk };
enum class HandlerKind : std::uint8_t { kSimple, kStreaming, kEvents };
// What an operation does with its collection; kOther is no such thing.
enum class Action : std::uint8_t { kOther, kList, kCreate, kRead, kReplace, kPatch, kDelete };

struct Route {
    std::string_view method;     // "GET"
    std::string_view path;       // "/assets/{assetID}"
    std::string_view operation;  // "GetAssetsAssetID"
    std::span<const Parameter> parameters = {};
    const Schema* body = nullptr;  // nullptr: it takes none
    AccessRole role = AccessRole::kAdmin;
    bool scanner = false;  // the token of an asset scan may do it, with that asset scan alone
    RouteLane lane = RouteLane::kRead;
    HandlerKind handler = HandlerKind::kSimple;
    std::span<const std::uint16_t> statuses = {};  // all that are documented
    const Collection* collection = nullptr;
    Action action = Action::kOther;

    const Parameter* find(Place place, std::string_view name) const;
};

struct RouteMatch {
    const Route* route = nullptr;  // nullptr: 404, or 405 if `allow` is not empty
    // Of the path: {"assetID", "…"}.
    std::vector<std::pair<std::string_view, std::string_view>> parameters;
    std::string allow;  // "GET, HEAD, POST" of a known path

    std::string_view parameter(std::string_view name) const;  // empty if there is none
};

// The route of a request. `path` is without query, decoded but for its slashes, with or without
// /api in front; the answer's views point into it. HEAD is answered by the GET of the path. A path
// of fixed words goes before one with parameters.
RouteMatch match_route(std::span<const Route> routes, std::string_view method,
                       std::string_view path);

}  // namespace vmsecurity::model::schema
