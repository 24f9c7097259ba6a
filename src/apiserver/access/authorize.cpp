#include "apiserver/access/authorize.h"

#include <fmt/format.h>

namespace vmsecurity::apiserver {

namespace {

using model::schema::AccessRole;

Role least_role(AccessRole role) {
    switch (role) {
        case AccessRole::kPublic:
            return Role::kNone;
        case AccessRole::kViewer:
            return Role::kViewer;
        case AccessRole::kOperator:
            return Role::kOperator;
        case AccessRole::kAdmin:
            break;
    }
    return Role::kAdmin;
}

}  // namespace

Refusal forbidden(std::string message) {
    return Refusal{.status = 403,
                   .message = std::move(message),
                   .code = "forbidden",
                   .target = {},
                   .position = std::nullopt,
                   .details = {}};
}

std::optional<Refusal> authorize(const model::schema::RouteMatch& match,
                                 const Principal& principal) {
    const model::schema::Route& route = *match.route;
    const Role needed = least_role(route.role);
    if (principal.role == Role::kScanner) {
        if (needed == Role::kNone) return std::nullopt;
        if (!route.scanner) {
            return forbidden(
                "a scanner's token is for its asset scan alone; this operation needs "
                "the token of a user or a service");
        }
        const std::string_view asset_scan = match.parameter("assetScanID");
        if (asset_scan.empty()
                ? route.path.find('{') == std::string_view::npos
                : !principal.asset_scan_id.empty() && asset_scan == principal.asset_scan_id) {
            return std::nullopt;
        }
        return forbidden("this scanner's token is for another asset scan");
    }
    if (principal.role >= needed) return std::nullopt;
    return forbidden(fmt::format("the role {} does not allow it; {} is needed",
                                 to_string(principal.role), to_string(needed)));
}

}  // namespace vmsecurity::apiserver
