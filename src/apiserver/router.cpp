#include "apiserver/router.h"

#include "apiserver/access/authenticator.h"
#include "apiserver/access/authorize.h"
#include "apiserver/handlers.h"
#include "apiserver/http/answer.h"
#include "apiserver/http/parameters.h"
#include "model/api/routes.h"

namespace vmsecurity::apiserver {

namespace {

using model::schema::Route;
using model::schema::RouteLane;
using model::schema::RouteMatch;

net::Lane lane_of(RouteLane lane) {
    switch (lane) {
        case RouteLane::kRead:
            return net::Lane::kRead;
        case RouteLane::kWrite:
            return net::Lane::kWrite;
        case RouteLane::kBulk:
            break;
    }
    return net::Lane::kBulk;
}

// A 0.6 client sends a whole asset scan back with all its results; uploads stream.
constexpr std::uint64_t kMaxAssetScanBytes = 64ULL << 20U;
constexpr std::uint64_t kMaxStreamBytes = 4ULL << 30U;

// 0: the server's own limit.
std::uint64_t max_body(const Route& route) {
    if (route.handler == model::schema::HandlerKind::kStreaming) return kMaxStreamBytes;
    const bool asset_scan = route.collection != nullptr && !route.collection->separate.empty();
    return asset_scan ? kMaxAssetScanBytes : 0;
}

net::Response unauthorized(const base::Error& error) {
    if (error.code != base::ErrorCode::kPermissionDenied) return refuse(error);
    net::Response response = refuse(Refusal{.status = 401,
                                            .message = error.message,
                                            .code = "unauthorized",
                                            .target = {},
                                            .position = std::nullopt,
                                            .details = {}});
    response.headers.add("WWW-Authenticate", "Bearer");
    return response;
}

// What holds for every operation, before its handler `run` is called.
template <typename Run>
auto guarded(Services services, const net::Request& request, Run run) {
    using Answer = decltype(run(std::declval<const Call&>()));
    const RouteMatch match = model::api::match(net::to_string(request.method), request.path);
    Principal principal;
    if (match.route->role != model::schema::AccessRole::kPublic) {
        auto sender = services.authenticator.authenticate(request);
        if (!sender) return Answer(unauthorized(sender.error()));
        principal = std::move(*sender);
        request.principal = principal.name;
        if (auto refusal = authorize(match, principal)) return Answer(refuse(*refusal));
    }
    if (auto refusal = check_parameters(match, request)) return Answer(refuse(*refusal));
    return run(Call{request, match, principal, services});
}

net::Handler handler_for(const Route& route, Services services) {
    const OperationHandler operation = handler_of(route);
    net::Handler handler;
    if (operation.streaming != nullptr) {
        handler.streaming = [services, run = operation.streaming](const net::Request& request,
                                                                  net::BodyReader& in,
                                                                  net::BodyWriter& out) {
            return guarded(services, request, [&](const Call& call) { return run(call, in, out); });
        };
    } else if (operation.events != nullptr) {
        handler.events = [services, run = operation.events](const net::Request& request,
                                                            std::shared_ptr<net::EventSink> sink) {
            return guarded(services, request, [&](const Call& call) { return run(call, sink); });
        };
    } else {
        handler.simple = [services, run = operation.simple](const net::Request& request) {
            return guarded(services, request, [&](const Call& call) { return run(call); });
        };
    }
    return handler;
}

std::shared_ptr<const net::Route> fixed_answer(std::string name, net::Response response) {
    auto route = std::make_shared<net::Route>();
    route->handler.simple = [response = std::move(response)](const net::Request&) {
        return response;
    };
    route->lane = net::Lane::kHealth;  // costs nothing
    route->name = std::move(name);
    return route;
}

}  // namespace

Router::Router(Services services) : services_(services) {
    for (const Route& described : model::api::routes()) {
        auto route = std::make_shared<net::Route>();
        route->handler = handler_for(described, services_);
        route->lane = lane_of(described.lane);
        route->max_body_bytes = max_body(described);
        route->name = std::string(described.method) + ' ' + std::string(described.path);
        if (described.handler == model::schema::HandlerKind::kStreaming) {
            route->time_limit = std::chrono::minutes(30);
        }
        routes_.push_back(std::move(route));
    }
    not_found_ =
        fixed_answer("not found", refuse(Refusal{.status = 404,
                                                 .message = "no matching operation was found",
                                                 .code = "notFound",
                                                 .target = {},
                                                 .position = std::nullopt,
                                                 .details = {}}));
}

std::shared_ptr<const net::Route> Router::dispatch(const net::Request& request) const {
    const RouteMatch match = model::api::match(net::to_string(request.method), request.path);
    if (match.route != nullptr) {
        return routes_[static_cast<std::size_t>(match.route - model::api::routes().data())];
    }
    if (match.allow.empty()) return not_found_;
    net::Response response =
        refuse(Refusal{.status = 405,
                       .message = "method not allowed; this path knows " + match.allow,
                       .code = "methodNotAllowed",
                       .target = {},
                       .position = std::nullopt,
                       .details = {}});
    response.headers.add("Allow", match.allow);
    return fixed_answer("method not allowed", std::move(response));
}

}  // namespace vmsecurity::apiserver
